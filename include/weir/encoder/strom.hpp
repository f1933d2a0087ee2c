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
        : base(grid, grid.magnitude_of(request.wt)) {}
    /// The magnitude as the frame says it: a cell that passes keeps its sign.
    typename Grid::cell threshold() const noexcept {
      return this->grid_.threshold(this->grid_.weight_units_of(this->magnitude_));
    }
    void finish(state&, index_t) const noexcept {}
  };
};

}  // namespace detail

/// Sign and Wt (Strom, Interspeech 2015): a cell that has risen to Wt sends exactly Wt and keeps the excess.
/// The wire format of ternary. Wt is rounded to what 16 bits can say. RAM: none.
typedef sparse<detail::strom_values> strom;

}  // namespace WEIR_ABI
}  // namespace weir
