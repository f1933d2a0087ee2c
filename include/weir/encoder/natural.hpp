// SPDX-License-Identifier: MIT
#pragma once

#include <weir/core/float_bits.hpp>
#include <weir/core/wire_value.hpp>
#include <weir/encoder/largest_value.hpp>
#include <weir/encoder/packed.hpp>
#include <weir/encoder/sparse.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// The nearest power of two, as a number from 1 to 31; 0 for what is nearer to nothing. Of floats 1 is 2^-24 and 31 is 64; of
/// integers 1 is one unit and 31 is 2^30 of them, or the last up to `largest`.
inline uint8_t power_of(float size, float) noexcept {
  const uint32_t rounded = float_bits(size) + UINT32_C(0x400000);  // from 1.5 on it goes to the next exponent
  const int16_t n = static_cast<int16_t>(static_cast<int16_t>(rounded >> 23) - 102);
  return static_cast<uint8_t>(n < 0 ? 0 : (n > 31 ? 31 : n));
}
inline uint8_t power_of(int32_t size, int32_t largest) noexcept {
  if (size == 0) return 0;
  uint8_t n = 1;
  for (int32_t p = 1; n < 31 && p <= largest - p && size - p >= p - p / 2; p += p) ++n;
  return n;
}
inline float power(uint8_t n, float) noexcept {
  return n == 0 ? 0.0f : float_of_bits(static_cast<uint32_t>(n + 102) << 23);
}
inline int32_t power(uint8_t n, int32_t) noexcept { return n == 0 ? 0 : static_cast<int32_t>(1) << (n - 1); }

/// Sign and power of two, without a header.
struct natural_values {
  static constexpr uint32_t id() noexcept { return name_id("natural"); }
  static constexpr bool needs_wt() noexcept { return false; }
  static constexpr uint8_t bits() noexcept { return 6; }

  struct state {};

  template <class Grid>
  class coder {
   public:
    typedef typename Grid::cell cell;
    typedef typename Grid::value value;

    coder(const natural_values&, const state&, Grid grid, const encode_request& request) noexcept
        : grid_(grid), threshold_(grid.threshold(request.wt)), sent_(value()) {}

    cell threshold() const noexcept { return threshold_; }
    /// What is nearer to nothing than to the least power waits.
    bool wants(const cell& c) const noexcept { return power_of(size(c), largest_value(grid_)) != 0; }
    void put_header(byte_writer&) const noexcept {}
    uint8_t code(const cell& c) noexcept {
      const uint8_t n = power_of(size(c), largest_value(grid_));
      const bool negative = n != 0 && is_negative(c);
      const value p = power(n, value());
      sent_ = negative ? -p : p;
      return static_cast<uint8_t>((n << 1) | (negative ? 1 : 0));
    }
    void take(cell& c) const noexcept { Grid::take(c, grid_.cells(sent_)); }
    void finish(state&) const noexcept {}

   private:
    value size(const cell& c) const noexcept {
      const value whole = grid_.whole(c);
      return whole < value() ? -whole : whole;
    }

    Grid grid_;
    cell threshold_;
    value sent_;
  };

  template <class Value>
  class decoder {
   public:
    explicit decoder(byte_reader&) noexcept {}
    static constexpr bool ok() noexcept { return true; }
    static Value get(bit_reader& from) noexcept {
      const uint8_t code = static_cast<uint8_t>(from.get(6));
      const Value p = power(static_cast<uint8_t>(code >> 1), Value());
      return (code & 1) != 0 ? -p : p;
    }
    static constexpr bool sane(Value) noexcept { return true; }
  };
};

}  // namespace detail

/// Natural compression (Horvath et al., 2019): sign and power of two of what has risen to Wt. Not by chance, as in the
/// paper, but to the nearest: the residual keeps the difference, so bias does not matter and no generator is needed
/// (digits: 96.50 +- 0.06 % either way; towards zero 96.19 +- 0.07 %). A cell may send up to a third more than it has, and
/// owes that. Of the exponent's 8 bits 5 are enough: 2^-24 to 64, or 1 to 2^30 weight units; what is less waits, what is more
/// goes in parts. Needs no Wt: with `always` all passes that is not zero. Wire: 6 bits per coordinate; bias: none over
/// time, by the residual; RAM: none.
typedef sparse<detail::natural_values> natural;

/// The same for every weight, without positions. To be composed with `always`. Wire: 6 bits per weight.
typedef packed<detail::natural_values> dense_natural;

}  // namespace WEIR_ABI
}  // namespace weir
