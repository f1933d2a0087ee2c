// SPDX-License-Identifier: MIT
// Activations with an exponential in them.
#pragma once

#include <weir/nn/activation.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// exp(x) for x <= 0.
inline float exp_below(float x, kernel::scalar) noexcept { return expf(x); }
inline float exp_below(float x, kernel::lanes16) noexcept {
  const kernel::detail::exp_parts e = kernel::detail::exp_parts_of(kernel::detail::other_if(x < -87, x, -87));
  return kernel::multiply_add(e.scale, e.rest, e.scale);
}

/// x where x > 0, else exp(x) - 1.
inline float linear_or_exp(float x, kernel::scalar) noexcept { return x > 0 ? x : expf(x) - 1.0f; }
inline float linear_or_exp(float x, kernel::lanes16) noexcept {
  const kernel::detail::exp_parts e = kernel::detail::exp_parts_of(kernel::detail::between(-87, x, 0));
  return kernel::detail::other_if(x > 0, kernel::multiply_add(e.scale, e.rest, e.scale - 1.0f), x);
}
template <class Rep, int8_t F>
fixed<Rep, F> linear_or_exp(fixed<Rep, F> x, kernel::scalar) noexcept {
  static_assert(sizeof(Rep) <= 2 && F <= 15, "weir: activations have 8 or 16 bits");
  if (x.raw > 0) return x;
  const int32_t e = exp_minus(static_cast<uint16_t>(-static_cast<int32_t>(x.raw)), static_cast<uint8_t>(F));
  return fixed<Rep, F>::from_raw(saturate<Rep>(round_shift<int32_t>(e - 32768, static_cast<uint8_t>(15 - F))));
}

/// The distribution function of the normal distribution and its density. The first to 1e-7, by 7.1.26 of
/// Abramowitz and Stegun, which needs the same exponential as the second.
struct normal {
  float below;
  float density;
  explicit normal(float x) noexcept {
    const float up = __builtin_fabsf(x);
    const float e = exp_below(-0.5f * x * x, kernel::native());
    const float t = 1.0f / (1.0f + 0.3275911f * 0.70710678f * up);
    const float tail =
        0.5f * e * t *
        (0.254829592f + t * (-0.284496736f + t * (1.421413741f + t * (-1.453152027f + t * 1.061405429f))));
    below = kernel::detail::other_if(x < 0, 1.0f - tail, tail);
    density = 0.39894228f * e;
  }
};

}  // namespace detail

/// x where x > 0, else exp(x) - 1.
struct elu {
  template <class In>
  struct on : detail::elementwise<elu, In> {};
  static constexpr uint32_t fingerprint() noexcept { return name_id("elu"); }
  template <class A>
  static A value(A x) noexcept {
    return detail::linear_or_exp(x, kernel::native());
  }
  template <class A>
  static A backward(A y, A dy) noexcept {
    hold_in_range(y, dy);
    const A below = dy - dy * -y;  // dy (1 + y)
    return A() < y ? dy : below;
  }
};

/// log(1 + exp(x)), of floats.
struct softplus {
  template <class In>
  struct on : detail::elementwise<softplus, In> {};
  static constexpr uint32_t fingerprint() noexcept { return name_id("softplus"); }
  template <class A>
  static A value(A x) noexcept {
    static_assert(is_same<A, float>::value, "weir: softplus needs floats; in fixed point take relu, elu or hard_swish");
    return (x > 0 ? x : 0) + logf(1.0f + expf(x < 0 ? x : -x));
  }
  template <class A>
  static A backward(A y, A dy) noexcept {
    return dy * (1.0f - detail::exp_below(-y, kernel::native()));
  }
};

/// x / (1 + exp(-x)), also called swish.
struct silu {
  template <class In>
  struct on : detail::elementwise_of_input<silu, In> {};
  static constexpr uint32_t fingerprint() noexcept { return name_id("silu"); }
  template <class A>
  static A value(A x) noexcept {
    return x * detail::logistic_of(x, kernel::native());
  }
  template <class A>
  static A backward(A x, A dy) noexcept {
    hold_in_range(x, dy);
    const A s = detail::logistic_of(x, kernel::native());
    return dy * (s + x * (s * detail::complement(s)));
  }
};

/// x times the share of the normal distribution below x (Hendrycks and Gimpel, 2016), of floats; PyTorch's GELU, not its
/// approximation by tanh.
struct gelu {
  template <class In>
  struct on : detail::elementwise_of_input<gelu, In> {};
  static constexpr uint32_t fingerprint() noexcept { return name_id("gelu"); }
  template <class A>
  static A value(A x) noexcept {
    static_assert(is_same<A, float>::value, "weir: gelu needs floats; in fixed point take silu or hard_swish");
    return x * detail::normal(x).below;
  }
  template <class A>
  static A backward(A x, A dy) noexcept {
    const detail::normal n(x);
    return dy * (n.below + x * n.density);
  }
};

}  // namespace WEIR_ABI
}  // namespace weir
