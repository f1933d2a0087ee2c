// SPDX-License-Identifier: MIT
// Activations made of straight lines: cheap in floats, and close to exact in fixed point.
#pragma once

#include <weir/nn/activation.hpp>
#include <weir/nn/quotient.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// v, or the nearer end of [low, high].
template <class A>
A clamp(A v, A low, A high) noexcept {
  return v < low ? low : high < v ? high : v;
}

/// The delta of x where y = clamp(x, low, high): none at the ends.
inline float clamp_backward(float y, float dy, float low, float high) noexcept { return low < y && y < high ? dy : 0; }
/// An end beyond the format's range is no end, but where numbers saturate.
template <class Rep, int8_t F>
fixed<Rep, F> clamp_backward(fixed<Rep, F> y, fixed<Rep, F> dy, fixed<Rep, F> low, fixed<Rep, F> high) noexcept {
  const Rep most = raw_range<Rep>::highest();
  hold_in_range(y, dy);
  const bool inside = (low < y || low.raw == -most) && (y < high || high.raw == most);
  return inside ? dy : fixed<Rep, F>::from_raw(0);
}

/// v / 6.
inline float sixth(float v) noexcept { return v * (1.0f / 6.0f); }
template <class Rep, int8_t F>
fixed<Rep, F> sixth(fixed<Rep, F> v) noexcept {
  return fixed<Rep, F>::from_raw(static_cast<Rep>(rounded_quotient(v.raw, 6)));
}

/// clamp(x + 3, 0, 6) / 6.
inline float hard_logistic(float x) noexcept { return clamp(x + 3.0f, 0.0f, 6.0f) * (1.0f / 6.0f); }
template <class Rep, int8_t F>
fixed<Rep, F> hard_logistic(fixed<Rep, F> x) noexcept {
  static_assert(sizeof(Rep) <= 2, "weir: activations have 8 or 16 bits");
  const int32_t three = static_cast<int32_t>(3) << F;
  return fixed<Rep, F>::from_raw(saturate<Rep>(rounded_quotient(clamp<int32_t>(x.raw + three, 0, 2 * three), 6)));
}

}  // namespace detail

/// max(x, 0), at most 6.
struct relu6 {
  template <class In>
  struct on : detail::elementwise<relu6, In> {};
  static constexpr uint32_t fingerprint() noexcept { return name_id("relu6"); }
  template <class A>
  static A value(A x) noexcept {
    return detail::clamp(x, A(0.0f), A(6.0f));
  }
  template <class A>
  static A backward(A y, A dy) noexcept {
    return detail::clamp_backward(y, dy, A(0.0f), A(6.0f));
  }
};

/// x between -1 and 1, else the nearer of the two.
struct hard_tanh {
  template <class In>
  struct on : detail::elementwise<hard_tanh, In> {};
  static constexpr uint32_t fingerprint() noexcept { return name_id("hard_tanh"); }
  template <class A>
  static A value(A x) noexcept {
    return detail::clamp(x, A(-1.0f), A(1.0f));
  }
  template <class A>
  static A backward(A y, A dy) noexcept {
    return detail::clamp_backward(y, dy, A(-1.0f), A(1.0f));
  }
};

/// (x + 3) / 6 between 0 and 1, else the nearer of the two.
struct hard_sigmoid {
  template <class In>
  struct on : detail::elementwise<hard_sigmoid, In> {};
  static constexpr uint32_t fingerprint() noexcept { return name_id("hard_sigmoid"); }
  template <class A>
  static A value(A x) noexcept {
    return detail::hard_logistic(x);
  }
  template <class A>
  static A backward(A y, A dy) noexcept {
    return detail::clamp_backward(y, detail::sixth(dy), A(0.0f), A(1.0f));
  }
};

/// x hard_sigmoid(x): Howard et al., "Searching for MobileNetV3", ICCV 2019.
struct hard_swish {
  template <class In>
  struct on : detail::elementwise_of_input<hard_swish, In> {};
  static constexpr uint32_t fingerprint() noexcept { return name_id("hard_swish"); }
  template <class A>
  static A value(A x) noexcept {
    return x * detail::hard_logistic(x);
  }
  template <class A>
  static A backward(A x, A dy) noexcept {
    hold_in_range(x, dy);
    const A h = detail::hard_logistic(x);
    const A slope = h + detail::sixth(x), inside = dy * slope;
    return !(A() < h) ? A() : h < A(1.0f) ? inside : dy;
  }
};

}  // namespace WEIR_ABI
}  // namespace weir
