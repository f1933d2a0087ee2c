// SPDX-License-Identifier: MIT
#pragma once

#include <weir/encoder/level.hpp>
#include <weir/encoder/packed.hpp>
#include <weir/kernel/axpy_stochastic.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// Bits of a sign and a level 0 to S.
constexpr uint8_t level_bits(uint8_t s) noexcept {
  return s == 0 ? 1 : static_cast<uint8_t>(1 + level_bits(static_cast<uint8_t>(s / 2)));
}

/// A sign and 0 to S steps, rounded by chance. S steps are 2, 3, 4 ... mean magnitudes, as many as there are bits: with a
/// step beyond two means, what rounding leaves would exceed what was there, and the residual would grow of itself.
template <uint8_t S>
struct chance_values : level_values<level_bits(S)> {
  static_assert(
      S >= 1 && S <= 127 && (S & (S + 1)) == 0,
      "weir: levels<S> has S of 1, 3, 7, 15, 31, 63 or 127: S + 1 must be a power of two, or bits would say nothing");
  static constexpr bool needs_wt() noexcept { return false; }

  struct state {
    kernel::dither chance;
  };
  static constexpr bool wants_mean(const state&) noexcept { return true; }

  template <class Grid>
  class coder : public level_values<level_bits(S)>::template level_coder<Grid> {
    typedef typename level_values<level_bits(S)>::template level_coder<Grid> base;

   public:
    typedef typename Grid::cell cell;

    coder(const chance_values&, const state& s, Grid grid, const encode_request& request) noexcept
        : base(grid, grid.magnitude_of(request.mean * (static_cast<float>(level_bits(S)) / static_cast<float>(S)))),
          chance_(s.chance) {
      chance_.state += float_bits(request.mean);  // so that not all workers round alike
    }

    uint8_t code(const cell& c) noexcept { return base::code(c, chance_.next()); }
    void finish(state& s) const noexcept { s.chance = chance_; }

   private:
    kernel::dither chance_;
  };
};

}  // namespace detail

/// Stochastic levels for every weight (QSGD, Alistarh et al., NeurIPS 2017): a sign and 0 to S steps, rounded to either
/// neighbour by chance, so that the mean is exact. The step follows from the residual's mean magnitude, which is known by a
/// pass of its own (QSGD takes the norm, which is exact without a residual and wants more levels). What rounding leaves,
/// and what is beyond the last level, stays in the residual, and with that bias would not matter: rounded to the
/// nearest, digits come to 96.72 +- 0.15 % with S = 1, by chance to 96.64 +- 0.16 %, with as many bytes. Chance lets small
/// cells have their say sooner. To be composed with `always`. Wire: 2, 3, 4 ... bits per weight for S = 1, 3, 7 ... and
/// 2 bytes; bias: none up to the last level, and none over time; RAM: 4 bytes.
template <uint8_t S>
using levels = packed<detail::chance_values<S>>;

}  // namespace WEIR_ABI
}  // namespace weir
