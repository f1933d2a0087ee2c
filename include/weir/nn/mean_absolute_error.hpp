// SPDX-License-Identifier: MIT
#pragma once

#include <weir/core/number.hpp>
#include <weir/kernel/largest.hpp>
#include <weir/nn/quotient.hpp>
#include <weir/policy/loss.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// The mean over the outputs of |y - t|. The target is a pointer to the n wanted outputs; a hit is a largest output where the
/// largest wanted one is.
struct mean_absolute_error {
  template <class A>
  using target = const A*;

  template <class A>
  static float value(const A* y, index_t n, const A* wanted) noexcept {
    float sum = 0;
    for (index_t i = 0; i < n; ++i) sum += magnitude(to_float(y[i]) - to_float(wanted[i]));
    return sum / static_cast<float>(n);
  }

  template <class A>
  static void gradient(const A* y, index_t n, const A* wanted, A* dy) noexcept {
    const A step = share(A(1.0f), n);
    for (index_t i = 0; i < n; ++i) dy[i] = y[i] < wanted[i] ? -step : wanted[i] < y[i] ? step : A();
  }

  template <class A>
  static bool hit(const A* y, index_t n, const A* wanted) noexcept {
    return kernel::largest(y, n) == kernel::largest(wanted, n);
  }

 private:
  static float share(float one, index_t n) noexcept { return one / static_cast<float>(n); }
  template <class Rep, int8_t F>
  static fixed<Rep, F> share(fixed<Rep, F> one, index_t n) noexcept {
    return fixed<Rep, F>::from_raw(static_cast<Rep>(detail::rounded_quotient(one.raw, static_cast<int32_t>(n))));
  }
};

}  // namespace WEIR_ABI
}  // namespace weir
