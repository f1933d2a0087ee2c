// SPDX-License-Identifier: MIT
// Activations. These work in place and take their derivative from their output, so they need no memory.
#pragma once

#include <weir/core/number.hpp>
#include <weir/kernel/sigmoid_tanh.hpp>
#include <weir/nn/elementwise.hpp>
#include <weir/nn/fixed_math.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// The machine's own: libm's on one that does one operation at a time, else without branches (weir/kernel/sigmoid_tanh.hpp).
inline float logistic_of(float x, kernel::scalar) noexcept { return logistic(x); }
inline float logistic_of(float x, kernel::lanes16) noexcept { return kernel::detail::sigmoid::of(x); }
inline float hyperbolic_tangent_of(float x, kernel::scalar) noexcept { return hyperbolic_tangent(x); }
inline float hyperbolic_tangent_of(float x, kernel::lanes16) noexcept {
  return kernel::detail::hyperbolic_tangent::of(x);
}
template <class Rep, int8_t F>
fixed<Rep, F> logistic_of(fixed<Rep, F> x, kernel::scalar) noexcept {
  return logistic(x);
}
template <class Rep, int8_t F>
fixed<Rep, F> hyperbolic_tangent_of(fixed<Rep, F> x, kernel::scalar) noexcept {
  return hyperbolic_tangent(x);
}

/// 1 - v.
inline float complement(float v) noexcept { return 1.0f - v; }
template <class Rep, int8_t F>
fixed<Rep, F> complement(fixed<Rep, F> v) noexcept {
  const int32_t one = static_cast<int32_t>(1) << F;
  return fixed<Rep, F>::from_raw(saturate<Rep>(one - static_cast<int32_t>(v.raw)));
}

/// v / 2^shift.
template <uint8_t Shift>
float halve(float v) noexcept {
  return v * (1.0f / static_cast<float>(1u << Shift));
}
template <uint8_t Shift, class Rep, int8_t F>
fixed<Rep, F> halve(fixed<Rep, F> v) noexcept {
  return fixed<Rep, F>::from_raw(static_cast<Rep>(round_shift<int32_t>(v.raw, Shift)));
}

}  // namespace detail

/// max(x, 0).
struct relu {
  template <class In>
  struct on : detail::elementwise<relu, In> {};
  static constexpr uint32_t fingerprint() noexcept { return name_id("relu"); }
  template <class A>
  static A value(A x) noexcept {
    return A() < x ? x : A();
  }
  template <class A>
  static A backward(A y, A dy) noexcept {
    hold_in_range(y, dy);
    return A() < y ? dy : A();
  }
};

/// x where x > 0, else x / 2^Shift: a slope of 1/128 unless said otherwise.
template <uint8_t Shift = 7>
struct leaky_relu {
  static_assert(Shift >= 1 && Shift <= 14, "weir: leaky_relu's slope is 2^-Shift with Shift in [1, 14]");
  template <class In>
  struct on : detail::elementwise<leaky_relu, In> {};
  static constexpr uint32_t fingerprint() noexcept { return mix(name_id("leaky_relu"), Shift); }
  template <class A>
  static A value(A x) noexcept {
    return A() < x ? x : detail::halve<Shift>(x);
  }
  template <class A>
  static A backward(A y, A dy) noexcept {
    hold_in_range(y, dy);
    return A() < y ? dy : detail::halve<Shift>(dy);
  }
};

/// 1 / (1 + exp(-x)).
struct sigmoid {
  template <class In>
  struct on : detail::elementwise<sigmoid, In> {};
  static constexpr uint32_t fingerprint() noexcept { return name_id("sigmoid"); }
  template <class A>
  static A value(A x) noexcept {
    return detail::logistic_of(x, kernel::native());
  }
  template <class A>
  static A backward(A y, A dy) noexcept {
    return dy * (y * detail::complement(y));
  }
};

/// The hyperbolic tangent.
struct tanh {
  template <class In>
  struct on : detail::elementwise<tanh, In> {};
  static constexpr uint32_t fingerprint() noexcept { return name_id("tanh"); }
  template <class A>
  static A value(A x) noexcept {
    return detail::hyperbolic_tangent_of(x, kernel::native());
  }
  template <class A>
  static A backward(A y, A dy) noexcept {
    return dy * detail::complement(y * y);
  }
};

}  // namespace WEIR_ABI
}  // namespace weir
