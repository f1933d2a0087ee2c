// SPDX-License-Identifier: MIT
#pragma once

#include <weir/core/grid.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// The largest value that may be taken out of a cell, for encoders that round up: what an integer cell can hold, or half of
/// what a float can.
inline float largest_value(const grid<float, float>&) noexcept { return 1.7014118e38f; }
template <class Rep, int8_t F, class Units>
int32_t largest_value(const grid<fixed<Rep, F>, int32_t, Units>& grid) noexcept {
  return grid.whole(fixed<Rep, F>::from_raw(raw_range<Rep>::highest()));
}

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
