// SPDX-License-Identifier: MIT
#pragma once

#include <weir/core/grid.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// The mean magnitude of cells that come one by one, in the scale of the weights; 0 if none came.
template <class Grid>
class mean_of {
 public:
  mean_of() noexcept : part_(0), in_part_(0), count_(0), sum_(0) {}

  void add(const Grid& grid, const typename Grid::cell& c) noexcept {
    Grid::add_magnitude(part_, c);
    if (++in_part_ == Grid::exact_magnitudes()) flush(grid);
  }
  float get(const Grid& grid) noexcept {
    flush(grid);
    return count_ > 0 ? sum_ / count_ : 0.0f;
  }

 private:
  void flush(const Grid& grid) noexcept {
    sum_ += grid.sum_units(part_);
    count_ += static_cast<float>(in_part_);
    part_ = 0;
    in_part_ = 0;
  }

  typename Grid::sum part_;
  index_t in_part_;
  float count_;
  float sum_;
};

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
