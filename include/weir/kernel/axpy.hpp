// SPDX-License-Identifier: MIT
// y += s * x and x *= s: what gradients, residuals and velocities are made with. Element by element, so every
// instruction set agrees (with floating-point contraction off); compilers vectorise these loops themselves.
#pragma once

#include <weir/core/fixed.hpp>
#include <weir/kernel/isa.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace kernel {

/// y[i] += s * x[i] for i in [0, n). x may be y, but must not overlap it otherwise.
/// Returns how many cells had to saturate: never one, in float.
inline index_t axpy(float s, const float* x, float* y, index_t n, scalar) noexcept {
  for (index_t i = 0; i < n; ++i) y[i] += s * x[i];
  return 0;
}

template <class A, int8_t FA, class B, int8_t FB>
index_t axpy(fixed_scale s, const fixed<A, FA>* x, fixed<B, FB>* y, index_t n, scalar) noexcept {
  static_assert(sizeof(B) <= 2, "weir: rows of a gradient go into 8- and 16-bit cells");
  const row_factor<A> factor(s, FA, FB);
  if (factor.units == 0) return 0;
  index_t saturated = 0;
  for (index_t i = 0; i < n; ++i) {
    const int32_t sum = y[i].raw + factor.of(x[i].raw);
    y[i].raw = saturate<B>(sum);
    if (y[i].raw != sum) ++saturated;
  }
  return factor.clamped ? n : saturated;
}

/// x[i] *= s for i in [0, n); |s| <= 1. Fixed point rounds towards zero, so that what decays dies out.
inline void scale(float s, float* x, index_t n, scalar) noexcept {
  for (index_t i = 0; i < n; ++i) x[i] *= s;
}

template <class A, int8_t FA>
void scale(fixed_scale s, fixed<A, FA>* x, index_t n, scalar) noexcept {
  static_assert(sizeof(A) <= 2, "weir: a fixed_scale multiplies 8- and 16-bit numbers");
  const uint8_t shift = static_cast<uint8_t>(s.exponent < 0 ? 0 : (s.exponent > 31 ? 31 : s.exponent));
  for (index_t i = 0; i < n; ++i) {
    const A raw = x[i].raw;
    const A up = static_cast<A>(raw < 0 ? -raw : raw);
    const int32_t p = (static_cast<int32_t>(s.mantissa) * up) >> shift;
    x[i].raw = static_cast<A>(raw < 0 ? -p : p);
  }
}

}  // namespace kernel
}  // namespace WEIR_ABI
}  // namespace weir
