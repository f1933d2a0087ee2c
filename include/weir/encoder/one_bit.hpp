// SPDX-License-Identifier: MIT
#pragma once

#include <weir/core/wire_value.hpp>
#include <weir/encoder/mean_of.hpp>
#include <weir/encoder/packed.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// The sign; the header has what either sign is worth.
struct one_bit_values {
  static constexpr uint32_t id() noexcept { return name_id("two means"); }
  static constexpr bool needs_wt() noexcept { return false; }
  static constexpr uint8_t bits() noexcept { return 1; }

  struct state {
    float positive, negative;  // mean magnitudes of the last frame's cells, to that of all; 0: not known
  };
  static constexpr bool wants_mean(const state&) noexcept { return true; }

  template <class Grid>
  class coder {
   public:
    typedef typename Grid::cell cell;
    typedef typename Grid::value value;

    coder(const one_bit_values&, const state& s, Grid grid, const encode_request& request) noexcept
        : grid_(grid),
          mean_(request.mean),
          positive_(grid.magnitude_of(s.positive > 0 ? s.positive * mean_ : mean_)),
          negative_(grid.magnitude_of(s.negative > 0 ? s.negative * mean_ : mean_)) {}

    static constexpr bool wants(const cell&) noexcept { return true; }
    void put_header(byte_writer& w) const noexcept {
      w.put16(wire_value<value>::to_magnitude(positive_));
      w.put16(wire_value<value>::to_magnitude(negative_));
    }
    static uint8_t code(const cell& c) noexcept { return is_negative(c) ? 1 : 0; }
    void take(cell& c) noexcept {
      if (is_negative(c)) {
        negatives_.add(grid_, c);
        Grid::take(c, grid_.cells(-negative_));
      } else {
        positives_.add(grid_, c);
        Grid::take(c, grid_.cells(positive_));
      }
    }
    void finish(state& s) noexcept {
      follow(s.positive, positives_.get(grid_));
      follow(s.negative, negatives_.get(grid_));
    }

   private:
    // Halfway to what this frame showed; within a factor of 4.
    void follow(float& ratio, float mean) const noexcept {
      if (!(mean > 0.25f * mean_ && mean < 4.0f * mean_)) return;
      ratio = ratio > 0 ? 0.5f * (ratio + mean / mean_) : mean / mean_;
    }

    Grid grid_;
    float mean_;
    value positive_, negative_;
    mean_of<Grid> positives_, negatives_;
  };

  template <class Value>
  class decoder {
   public:
    explicit decoder(byte_reader& header) noexcept
        : positive_(wire_value<Value>::from_magnitude(header.get16())),
          negative_(wire_value<Value>::from_magnitude(header.get16())) {}
    bool ok() const noexcept { return fine(positive_) && fine(negative_); }
    Value get(bit_reader& from) const noexcept { return from.get(1) != 0 ? -negative_ : positive_; }
    static constexpr bool sane(Value) noexcept { return true; }

   private:
    static bool fine(Value v) noexcept { return wire_value<Value>::sane(v) && v > Value(); }

    Value positive_, negative_;
  };
};

}  // namespace detail

/// One bit for every weight (1-bit SGD, Seide et al., Interspeech 2014): its sign, which stands for the mean of the positive
/// cells or that of the negative ones. These have to be known before the pass: the residual's mean magnitude is, by a pass
/// of its own, and how they compare with it is learnt from earlier frames. (Means of earlier frames alone lag behind the
/// residual: digits lose six points.) What a cell has more or less than its mean stays in the residual; without that it
/// would not converge. A float that has overflowed begins anew as a mean. To be composed with `always`. Wire: 1 bit per
/// weight and 4 bytes; bias: none over time, by the residual; RAM: 8 bytes.
typedef packed<detail::one_bit_values> one_bit;

}  // namespace WEIR_ABI
}  // namespace weir
