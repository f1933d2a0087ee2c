// SPDX-License-Identifier: MIT
#pragma once

#include <weir/encoder/level.hpp>
#include <weir/encoder/sparse.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// A sign and 0 to 127 steps of Wt / 16.
struct sixteenths : level_values<8> {
  static constexpr bool needs_wt() noexcept { return true; }

  struct state {};

  template <class Grid>
  class coder : public level_values<8>::level_coder<Grid> {
    typedef level_values<8>::level_coder<Grid> base;

   public:
    typedef typename Grid::cell cell;

    coder(const sixteenths&, const state&, Grid grid, const encode_request& request) noexcept
        : base(grid, grid.magnitude_of(request.wt * (1.0f / 16.0f))), threshold_(grid.threshold(request.wt)) {}

    cell threshold() const noexcept { return threshold_; }
    uint8_t code(const cell& c) noexcept { return base::code(c, 0); }
    void finish(state&) const noexcept {}

   private:
    cell threshold_;
  };
};

}  // namespace detail

/// sparse16 in 8 bits, with one scale for the frame: a sign and a number of steps, up to 127, of Wt / 16 (in integer frames
/// whole units, 1 at least). So a cell of up to 8 Wt sends all but what is left of a step, rounded towards zero; more waits
/// for the next frame. Wire: 8 bits per coordinate and 2 bytes; bias: none over time, by the residual; RAM: none.
typedef sparse<detail::sixteenths> sparse8;

}  // namespace WEIR_ABI
}  // namespace weir
