// SPDX-License-Identifier: MIT
#pragma once

#include <weir/encoder/mean_of.hpp>
#include <weir/policy/threshold.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// The mean magnitude of a residual, in the scale of the weights, when a threshold asks for it.
template <class Cell, class Grid, class Fold>
class mean_magnitude {
 public:
  mean_magnitude(const Cell* cells, index_t n, const Grid& grid, Fold& fold) noexcept
      : cells_(cells), n_(n), grid_(grid), fold_(fold) {}

  float operator()() const noexcept {
    fold_.all();
    float sum = 0;
    for (index_t i = 0; i < n_;) {
      typename Grid::sum part = 0;
      const index_t end = n_ - i > Grid::exact_magnitudes() ? static_cast<index_t>(i + Grid::exact_magnitudes()) : n_;
      for (; i < end; ++i) Grid::add_magnitude(part, cells_[i]);
      sum += grid_.sum_units(part);
    }
    return sum / static_cast<float>(n_);
  }

  /// Of those that are >= wt. A pass of its own, too. Of floats only: in fixed point, where machines are small, a start by the
  /// mean must do, and saves 1,000 bytes of an AVR's flash.
  template <class C = Cell>
  typename enable_if<is_same<C, float>::value, magnitudes_above>::type above(float wt) const noexcept {
    fold_.all();
    const C bound = grid_.threshold(wt);
    mean_of<Grid> mean;
    index_t count = 0;
    for (index_t i = 0; i < n_; ++i) {
      if (magnitude(cells_[i]) < bound) continue;
      mean.add(grid_, cells_[i]);
      ++count;
    }
    return {mean.get(grid_), count};
  }

 private:
  const Cell* cells_;
  index_t n_;
  const Grid& grid_;
  Fold& fold_;
};

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
