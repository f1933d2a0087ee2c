// SPDX-License-Identifier: MIT
// exp, sigmoid and tanh of fixed-point numbers, by integer operations: the same bits on every machine.
#pragma once

#include <math.h>

#include <weir/core/fixed.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// The upper half of a product: a * b / 2^16.
inline uint16_t high_product(uint16_t a, uint16_t b) noexcept {
  return static_cast<uint16_t>((static_cast<uint32_t>(a) * b) >> 16);
}

/// exp(-t) in units of 2^-15, for t >= 0 in units of 2^-fraction, t < 2^16 units. The error is below half a unit plus
/// 2.2e-4 of the result. exp(-t) = 2^-i * 2^-f; 2^-f by a cubic with p(0) = 1, p(1) = 1/2, fitted to least relative
/// error.
inline uint16_t exp_minus(uint16_t t, uint8_t fraction) noexcept {
  const uint32_t z = static_cast<uint32_t>(t) * UINT16_C(47274);  // log2(e) * 2^15
  const uint32_t whole = z >> fraction;
  if (whole >= UINT32_C(16) << 15) return 0;
  const uint8_t i = static_cast<uint8_t>(whole >> 15);
  const uint16_t f = static_cast<uint16_t>(whole & 0x7fff);
  const uint16_t cubic = static_cast<uint16_t>(7555u - high_product(2 * 1282u, f));
  const uint16_t square = static_cast<uint16_t>(22657u - high_product(static_cast<uint16_t>(2 * cubic), f));
  const uint16_t p = static_cast<uint16_t>(32768u - high_product(static_cast<uint16_t>(2 * square), f));
  return static_cast<uint16_t>(i == 0 ? p : ((p >> (i - 1)) + 1) >> 1);
}

inline float logistic(float x) noexcept { return 1.0f / (1.0f + expf(-x)); }

template <class Rep, int8_t F>
fixed<Rep, F> logistic(fixed<Rep, F> x) noexcept {
  static_assert(sizeof(Rep) <= 2, "weir: activations have 8 or 16 bits");
  const int32_t raw = x.raw;
  const uint32_t e = exp_minus(static_cast<uint16_t>(raw < 0 ? -raw : raw), static_cast<uint8_t>(F));
  const uint32_t sum = 32768u + e;
  const uint32_t top = raw < 0 ? e : 32768u;  // 1 / (1 + e^-|x|), or one minus that
  return fixed<Rep, F>::from_raw(saturate<Rep>(static_cast<int32_t>(((top << F) + sum / 2) / sum)));
}

inline float hyperbolic_tangent(float x) noexcept { return tanhf(x); }

template <class Rep, int8_t F>
fixed<Rep, F> hyperbolic_tangent(fixed<Rep, F> x) noexcept {
  static_assert(sizeof(Rep) <= 2, "weir: activations have 8 or 16 bits");
  const int32_t raw = x.raw;
  const uint32_t e = exp_minus(static_cast<uint16_t>((raw < 0 ? -raw : raw) * 2), static_cast<uint8_t>(F));
  const uint32_t sum = 32768u + e;  // (1 - e^-2|x|) / (1 + e^-2|x|)
  const int32_t up = static_cast<int32_t>((((32768u - e) << F) + sum / 2) / sum);
  return fixed<Rep, F>::from_raw(saturate<Rep>(raw < 0 ? -up : up));
}

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
