// SPDX-License-Identifier: MIT
#pragma once

#include <weir/config.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace kernel {

/// The index of the largest of n >= 1 numbers, the first of equals.
template <class A>
index_t largest(const A* y, index_t n) noexcept {
  index_t best = 0;
  for (index_t i = 1; i < n; ++i)
    if (y[best] < y[i]) best = i;
  return best;
}

}  // namespace kernel
}  // namespace WEIR_ABI
}  // namespace weir
