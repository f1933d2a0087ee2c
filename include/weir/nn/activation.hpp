// SPDX-License-Identifier: MIT
// Element-wise layers. Each works in place and takes its derivative from its output, so it needs no memory.
#pragma once

#include <weir/core/number.hpp>
#include <weir/nn/fixed_math.hpp>
#include <weir/policy/layer.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// The layer around a function F of one element: F::value(x) and F::backward(y, dy).
template <class F, class In>
struct elementwise : layer_defaults {
  typedef In output;
  static constexpr index_t parameters() noexcept { return 0; }
  static constexpr uint32_t fingerprint() noexcept { return F::fingerprint(); }
  static constexpr bool in_place() noexcept { return true; }
  static constexpr bool needs_output() noexcept { return true; }

  template <class A>
  static void initialize(A*, random_bits&) noexcept {}

  template <index_t B, class A, class X>
  static void forward(const A*, const X* x, A* y, const layer_memory<A>&) noexcept {
    for (index_t i = 0; i < B * In::size(); ++i) y[i] = F::value(x[i]);
  }
  template <index_t B, class A, class X>
  static void backward(const A*, const X*, const A* y, const layer_memory<A>&, const A* dy, A* dx) noexcept {
    for (index_t i = 0; i < B * In::size(); ++i) dx[i] = F::backward(y[i], dy[i]);
  }
  template <index_t B, class A, class X, class Sink>
  static void gradient(const X*, const A*, const layer_memory<A>&, const A*, Sink&, index_t) noexcept {}
};

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
    return detail::logistic(x);
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
    return detail::hyperbolic_tangent(x);
  }
  template <class A>
  static A backward(A y, A dy) noexcept {
    return dy * detail::complement(y * y);
  }
};

}  // namespace WEIR_ABI
}  // namespace weir
