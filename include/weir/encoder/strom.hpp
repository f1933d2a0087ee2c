// SPDX-License-Identifier: MIT
#pragma once

#include <weir/encoder/ternary.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

struct strom_values : signs {
  struct state {};

  template <class Grid>
  class coder : public signs::sign_coder<Grid> {
    typedef signs::sign_coder<Grid> base;

   public:
    coder(const strom_values&, const state&, Grid grid, const encode_request& request) noexcept
        : coder(grid, grid.magnitude_of(request.wt)) {}
    void finish(state&) const noexcept {}

   private:
    // The threshold is the magnitude as the frame says it: a cell that passes keeps its sign.
    coder(Grid grid, typename Grid::value magnitude) noexcept
        : base(grid, grid.threshold(grid.weight_units_of(magnitude)), magnitude) {}
  };
};

}  // namespace detail

/// Sign and Wt (Strom, Interspeech 2015): a cell that has risen to Wt sends exactly Wt and keeps the excess.
/// The wire format of ternary. Wt is rounded to what 16 bits can say. RAM: none.
typedef sparse<detail::strom_values> strom;

}  // namespace WEIR_ABI
}  // namespace weir
