// SPDX-License-Identifier: MIT
// Momentum joins the residual, and the gate's scan, in one pass: at the size of memory the scan is then free.
#pragma once

#include <weir/kernel/list_hits.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace kernel {
namespace detail {

/// Sums, made when the scan asks for them: r += rate * u; u *= keep.
struct folded {
  float rate;
  float* u;
  float keep;
  float* r;

  float at(index_t i) const noexcept {
    const float v = u[i];
    const float sum = r[i] + rate * v;
    r[i] = sum;
    u[i] = v * keep;
    return sum;
  }
#if WEIR_HAS_SSE2
  __m128 at4(index_t i) const noexcept {
    const __m128 v = _mm_loadu_ps(u + i);
    const __m128 sum = _mm_add_ps(_mm_loadu_ps(r + i), _mm_mul_ps(_mm_set1_ps(rate), v));
    _mm_storeu_ps(r + i, sum);
    _mm_storeu_ps(u + i, _mm_mul_ps(v, _mm_set1_ps(keep)));
    return sum;
  }
#endif
#if WEIR_HAS_AVX2
  __m256 at8(index_t i) const noexcept {
    const __m256 v = _mm256_loadu_ps(u + i);
    const __m256 sum = _mm256_add_ps(_mm256_loadu_ps(r + i), _mm256_mul_ps(_mm256_set1_ps(rate), v));
    _mm256_storeu_ps(r + i, sum);
    _mm256_storeu_ps(u + i, _mm256_mul_ps(v, _mm256_set1_ps(keep)));
    return sum;
  }
#endif
#if WEIR_HAS_AVX512
  __m512 at16(index_t i) const noexcept {
    const __m512 v = _mm512_loadu_ps(u + i);
    const __m512 sum = _mm512_add_ps(_mm512_loadu_ps(r + i), _mm512_mul_ps(_mm512_set1_ps(rate), v));
    _mm512_storeu_ps(r + i, sum);
    _mm512_storeu_ps(u + i, _mm512_mul_ps(v, _mm512_set1_ps(keep)));
    return sum;
  }
#endif
#if WEIR_HAS_NEON
  float32x4_t at4(index_t i) const noexcept {
    const float32x4_t v = vld1q_f32(u + i);
    const float32x4_t sum = vaddq_f32(vld1q_f32(r + i), vmulq_n_f32(v, rate));
    vst1q_f32(r + i, sum);
    vst1q_f32(u + i, vmulq_n_f32(v, keep));
    return sum;
  }
#endif
};

}  // namespace detail

/// r[i] += rate * u[i]; u[i] *= keep; then as list_hits(r, n, wt, first, list), for i in [0, n). r and u do not overlap.
///
/// A product and then a sum, each rounded: all instruction sets agree to the bit where the compiler does not contract
/// them (-ffp-contract=off). Where it does, and gcc contracts the vectors' products too, a cell can differ in its last
/// bit, and so rise to Wt on one machine a step before it does on another. Nothing is lost by that: the residual keeps it.
template <class Isa>
index_t fold_list_hits(float rate, float* u, float keep, float* r, index_t n, float wt, uint16_t first, uint16_t* list,
                       Isa isa) noexcept {
  const detail::folded numbers = {rate, u, keep, r};
  return detail::scan(numbers, n, wt, first, list, isa);
}

}  // namespace kernel
}  // namespace WEIR_ABI
}  // namespace weir
