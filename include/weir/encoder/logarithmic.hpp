// SPDX-License-Identifier: MIT
#pragma once

#include <weir/core/wire_value.hpp>
#include <weir/encoder/largest_value.hpp>
#include <weir/encoder/sparse.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// A sign and 2^level times one base, level in Bits - 1 bits.
template <uint8_t Bits>
struct logarithmic_values {
  static_assert(
      Bits >= 2 && Bits <= 4,
      "weir: logarithmic<Bits> has 2 to 4 bits a value, a sign and the exponent; see weir/encoder/logarithmic.hpp");
  static constexpr uint32_t id() noexcept { return mix(name_id("logarithmic"), Bits); }
  static constexpr bool needs_wt() noexcept { return true; }
  static constexpr uint8_t bits() noexcept { return Bits; }

  struct state {};

  template <class Grid>
  class coder {
   public:
    typedef typename Grid::cell cell;
    typedef typename Grid::value value;

    coder(const logarithmic_values&, const state&, Grid grid, const encode_request& request) noexcept
        : coder(grid, grid.magnitude_of(request.wt)) {}

    cell threshold() const noexcept { return threshold_; }
    static constexpr bool wants(const cell&) noexcept { return true; }
    void put_header(byte_writer& w) const noexcept { w.put16(wire_value<value>::to_magnitude(base_)); }
    uint8_t code(const cell& c) noexcept {
      const value whole = grid_.whole(c);
      const bool negative = whole < value();
      const value size = negative ? -whole : whole;
      value power = base_;
      uint8_t level = 0;
      for (; level < most() && power <= largest_ - power && size - power >= power - power / 2; ++level) power += power;
      sent_ = negative ? -power : power;
      return static_cast<uint8_t>((level << 1) | (negative ? 1 : 0));
    }
    /// What code() has said leaves the cell.
    void take(cell& c) const noexcept { Grid::take(c, grid_.cells(sent_)); }
    void finish(state&) const noexcept {}

   private:
    // The threshold is the base as the frame says it: a cell that passes has so much at least.
    coder(Grid grid, value base) noexcept
        : grid_(grid),
          threshold_(grid.threshold(grid.weight_units_of(base))),
          base_(base),
          largest_(largest_value(grid)),
          sent_(base) {}
    static constexpr uint8_t most() noexcept { return static_cast<uint8_t>((1u << (Bits - 1)) - 1); }

    Grid grid_;
    cell threshold_;
    value base_;
    value largest_;
    value sent_;
  };

  template <class Value>
  class decoder {
   public:
    explicit decoder(byte_reader& header) noexcept : base_(wire_value<Value>::from_magnitude(header.get16())) {}
    bool ok() const noexcept { return wire_value<Value>::sane(base_) && base_ > Value(); }
    Value get(bit_reader& from) const noexcept {
      const uint8_t code = static_cast<uint8_t>(from.get(Bits));
      const Value size = base_ * static_cast<Value>(1u << (code >> 1));  // exact
      return (code & 1) != 0 ? -size : size;
    }
    static bool sane(Value v) noexcept { return wire_value<Value>::sane(v); }

   private:
    Value base_;
  };
};

}  // namespace detail

/// Sign and a power of two times Wt (logarithmic quantization, Miyashita et al., 2016): Wt, 2 Wt, 4 Wt ... up to 2, 8 or
/// 128 Wt with 2, 3 or 4 bits. To the nearest, so that a cell may send up to a third more than it has, and owes that:
/// of exponential magnitudes 16 to 26 % stay in the residual, 19 to 32 % if rounded towards zero. Wt is rounded to what
/// 16 bits can say. Wire: Bits per coordinate and 2 bytes; bias: none over time, by the residual; RAM: none.
template <uint8_t Bits>
using logarithmic = sparse<detail::logarithmic_values<Bits>>;

}  // namespace WEIR_ABI
}  // namespace weir
