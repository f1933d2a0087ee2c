// SPDX-License-Identifier: MIT
#pragma once

#include <weir/core/fixed.hpp>
#include <weir/kernel/largest.hpp>
#include <weir/nn/quotient.hpp>
#include <weir/policy/loss.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// The mean over the outputs of d^2 / 2 where d = y - t is at most delta, else of delta (|d| - delta / 2): squares for small
/// errors, and no more than delta of gradient for outliers. delta is Numerator / Denominator, 1 unless said otherwise.
/// The target is a pointer to the n wanted outputs; a hit is a largest output where the largest wanted one is.
template <uint16_t Numerator = 1, uint16_t Denominator = 1>
struct huber {
  static_assert(Numerator > 0 && Denominator > 0, "weir: huber's delta is a ratio of two numbers above 0");

  template <class A>
  using target = const A*;

  template <class A>
  static float value(const A* y, index_t n, const A* wanted) noexcept {
    float sum = 0;
    for (index_t i = 0; i < n; ++i) {
      const float d = to_float(y[i]) - to_float(wanted[i]), up = d < 0 ? -d : d;
      sum += up < delta() ? 0.5f * d * d : delta() * (up - 0.5f * delta());
    }
    return sum / static_cast<float>(n);
  }

  static void gradient(const float* y, index_t n, const float* wanted, float* dy) noexcept {
    const float factor = 1.0f / static_cast<float>(n);
    for (index_t i = 0; i < n; ++i) {
      const float d = y[i] - wanted[i];
      dy[i] = (d < -delta() ? -delta() : d > delta() ? delta() : d) * factor;
    }
  }

  template <class Rep, int8_t F>
  static void gradient(const fixed<Rep, F>* y, index_t n, const fixed<Rep, F>* wanted, fixed<Rep, F>* dy) noexcept {
    const int32_t most = saturate<Rep>(((static_cast<int64_t>(Numerator) << F) + Denominator / 2) / Denominator);
    for (index_t i = 0; i < n; ++i) {
      int32_t d = static_cast<int32_t>(y[i].raw) - wanted[i].raw;
      if (d > most) d = most;
      if (d < -most) d = -most;
      dy[i].raw = static_cast<Rep>(detail::rounded_quotient(d, static_cast<int32_t>(n)));
    }
  }

  template <class A>
  static bool hit(const A* y, index_t n, const A* wanted) noexcept {
    return kernel::largest(y, n) == kernel::largest(wanted, n);
  }

 private:
  static constexpr float delta() noexcept { return static_cast<float>(Numerator) / static_cast<float>(Denominator); }
};

}  // namespace WEIR_ABI
}  // namespace weir
