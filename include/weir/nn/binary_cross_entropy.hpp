// SPDX-License-Identifier: MIT
#pragma once

#include <weir/nn/fixed_math.hpp>
#include <weir/nn/quotient.hpp>
#include <weir/policy/loss.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// The mean over the outputs of -t log(p) - (1 - t) log(1 - p), where p = 1 / (1 + exp(-y)): outputs are logits, so a model
/// needs no sigmoid at its end. For questions that may have several answers at once, and for a single yes or no.
/// The target is a pointer to the n wanted probabilities t. A hit is every output on the right side of 0: above it where t is
/// 1/2 or more, else not.
struct binary_cross_entropy {
  template <class A>
  using target = const A*;

  template <class A>
  static float value(const A* y, index_t n, const A* wanted) noexcept {
    float sum = 0;
    for (index_t i = 0; i < n; ++i) {
      const float v = to_float(y[i]), up = v > 0 ? v : 0;
      sum += up - v * to_float(wanted[i]) + logf(1.0f + expf(v - 2 * up));
    }
    return sum / static_cast<float>(n);
  }

  static void gradient(const float* y, index_t n, const float* wanted, float* dy) noexcept {
    const float factor = 1.0f / static_cast<float>(n);
    for (index_t i = 0; i < n; ++i) dy[i] = (detail::logistic(y[i]) - wanted[i]) * factor;
  }

  template <class Rep, int8_t F>
  static void gradient(const fixed<Rep, F>* y, index_t n, const fixed<Rep, F>* wanted, fixed<Rep, F>* dy) noexcept {
    for (index_t i = 0; i < n; ++i) {
      const int32_t d = static_cast<int32_t>(detail::logistic(y[i]).raw) - wanted[i].raw;
      dy[i].raw = saturate<Rep>(detail::rounded_quotient(d, static_cast<int32_t>(n)));
    }
  }

  template <class A>
  static bool hit(const A* y, index_t n, const A* wanted) noexcept {
    for (index_t i = 0; i < n; ++i)
      if ((A() < y[i]) == (wanted[i] < A(0.5f))) return false;
    return true;
  }
};

}  // namespace WEIR_ABI
}  // namespace weir
