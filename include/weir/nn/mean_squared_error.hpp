// SPDX-License-Identifier: MIT
#pragma once

#include <weir/core/fixed.hpp>
#include <weir/kernel/largest.hpp>
#include <weir/policy/loss.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// The mean over the outputs of (y - t)^2. The target is a pointer to the n wanted outputs; a hit is a largest output
/// where the largest wanted one is.
struct mean_squared_error {
  template <class A>
  using target = const A*;

  template <class A>
  static float value(const A* y, index_t n, const A* wanted) noexcept {
    float sum = 0;
    for (index_t i = 0; i < n; ++i) {
      const float d = to_float(y[i]) - to_float(wanted[i]);
      sum += d * d;
    }
    return sum / static_cast<float>(n);
  }

  static void gradient(const float* y, index_t n, const float* wanted, float* dy) noexcept {
    const float factor = 2.0f / static_cast<float>(n);
    for (index_t i = 0; i < n; ++i) dy[i] = (y[i] - wanted[i]) * factor;
  }

  template <class Rep, int8_t F>
  static void gradient(const fixed<Rep, F>* y, index_t n, const fixed<Rep, F>* wanted, fixed<Rep, F>* dy) noexcept {
    for (index_t i = 0; i < n; ++i) {
      const int32_t d = 2 * (static_cast<int32_t>(y[i].raw) - wanted[i].raw);
      dy[i].raw = saturate<Rep>(d / static_cast<int32_t>(n));
    }
  }

  template <class A>
  static bool hit(const A* y, index_t n, const A* wanted) noexcept {
    return kernel::largest(y, n) == kernel::largest(wanted, n);
  }
};

}  // namespace WEIR_ABI
}  // namespace weir
