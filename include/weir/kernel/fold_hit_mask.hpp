// SPDX-License-Identifier: MIT
// Momentum joins the residual, and the gate's scan, in one pass: at the size of memory the scan is then free.
#pragma once

#include <weir/kernel/hit_mask.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace kernel {

/// r[i] += rate * u[i]; u[i] *= keep; then as hit_mask(r, n, wt, hits), for i in [0, n). r and u do not overlap.
///
/// A product and then a sum, each rounded: all instruction sets agree to the bit where the compiler does not contract
/// them (-ffp-contract=off). Where it does, and gcc contracts the vectors' products too, a cell can differ in its last
/// bit, and so rise to Wt on one machine a step before it does on another. Nothing is lost by that: the residual keeps it.
inline void fold_hit_mask(float rate, float* u, float keep, float* r, index_t n, float wt, uint32_t* hits,
                          scalar) noexcept {
  for (index_t i = 0; i < n; ++hits) {
    const index_t end = n - i > 32 ? static_cast<index_t>(i + 32) : n;
    uint32_t word = 0;
    for (uint32_t bit = 1; i < end; ++i, bit <<= 1) {
      const float v = u[i];
      const float sum = r[i] + rate * v;
      r[i] = sum;
      u[i] = v * keep;
      if (!(sum < wt && -sum < wt)) word |= bit;
    }
    *hits = word;
  }
}

#if WEIR_HAS_SSE2
namespace detail {
inline __m128 fold4(__m128 rate, float* u, __m128 keep, float* r) noexcept {
  const __m128 v = _mm_loadu_ps(u);
  const __m128 sum = _mm_add_ps(_mm_loadu_ps(r), _mm_mul_ps(rate, v));
  _mm_storeu_ps(r, sum);
  _mm_storeu_ps(u, _mm_mul_ps(v, keep));
  return sum;
}
}  // namespace detail

__attribute__((noinline)) inline void fold_hit_mask(float rate, float* u, float keep, float* r, index_t n, float wt,
                                                    uint32_t* hits, sse2) noexcept {
  const detail::hits_sse2 hit(wt);
  const __m128 rates = _mm_set1_ps(rate);
  const __m128 keeps = _mm_set1_ps(keep);
  index_t i = 0;
  for (; n - i >= 32; i += 32) {
    uint32_t word = 0;
    for (unsigned k = 0; k < 32; k += 16) {
      __m128i four[4];
      for (unsigned j = 0; j < 4; ++j) four[j] = hit(detail::fold4(rates, u + i + k + 4 * j, keeps, r + i + k + 4 * j));
      word |= hit.bits(four[0], four[1], four[2], four[3]) << k;
    }
    hits[i / 32] = word;
  }
  fold_hit_mask(rate, u + i, keep, r + i, n - i, wt, hits + i / 32, scalar());
}
#endif

#if WEIR_HAS_AVX2
__attribute__((noinline)) inline void fold_hit_mask(float rate, float* u, float keep, float* r, index_t n, float wt,
                                                    uint32_t* hits, avx2) noexcept {
  const detail::hits_avx2 hit(wt);
  const __m256 rates = _mm256_set1_ps(rate);
  const __m256 keeps = _mm256_set1_ps(keep);
  index_t i = 0;
  for (; n - i >= 32; i += 32) {
    uint32_t word = 0;
    for (unsigned k = 0; k < 32; k += 8) {
      const __m256 v = _mm256_loadu_ps(u + i + k);
      const __m256 sum = _mm256_add_ps(_mm256_loadu_ps(r + i + k), _mm256_mul_ps(rates, v));
      _mm256_storeu_ps(r + i + k, sum);
      _mm256_storeu_ps(u + i + k, _mm256_mul_ps(v, keeps));
      word |= hit(sum) << k;
    }
    hits[i / 32] = word;
  }
  fold_hit_mask(rate, u + i, keep, r + i, n - i, wt, hits + i / 32, scalar());
}
#endif

#if WEIR_HAS_AVX512
__attribute__((noinline)) inline void fold_hit_mask(float rate, float* u, float keep, float* r, index_t n, float wt,
                                                    uint32_t* hits, avx512) noexcept {
  const detail::hits_avx512 hit(wt);
  const __m512 rates = _mm512_set1_ps(rate);
  const __m512 keeps = _mm512_set1_ps(keep);
  index_t i = 0;
  for (; n - i >= 32; i += 32) {
    uint32_t word = 0;
    for (unsigned k = 0; k < 32; k += 16) {
      const __m512 v = _mm512_loadu_ps(u + i + k);
      const __m512 sum = _mm512_add_ps(_mm512_loadu_ps(r + i + k), _mm512_mul_ps(rates, v));
      _mm512_storeu_ps(r + i + k, sum);
      _mm512_storeu_ps(u + i + k, _mm512_mul_ps(v, keeps));
      word |= hit(sum) << k;
    }
    hits[i / 32] = word;
  }
  fold_hit_mask(rate, u + i, keep, r + i, n - i, wt, hits + i / 32, scalar());
}
#endif

#if WEIR_HAS_NEON
__attribute__((noinline)) inline void fold_hit_mask(float rate, float* u, float keep, float* r, index_t n, float wt,
                                                    uint32_t* hits, neon) noexcept {
  const detail::hits_neon hit(wt);
  index_t i = 0;
  for (; n - i >= 32; i += 32) {
    uint32x4_t below[8];
    for (unsigned k = 0; k < 8; ++k) {
      const float32x4_t v = vld1q_f32(u + i + 4 * k);
      const float32x4_t sum = vaddq_f32(vld1q_f32(r + i + 4 * k), vmulq_n_f32(v, rate));
      vst1q_f32(r + i + 4 * k, sum);
      vst1q_f32(u + i + 4 * k, vmulq_n_f32(v, keep));
      below[k] = hit.below(sum);
    }
    hits[i / 32] = hit.bits(below);
  }
  fold_hit_mask(rate, u + i, keep, r + i, n - i, wt, hits + i / 32, scalar());
}
#endif

}  // namespace kernel
}  // namespace WEIR_ABI
}  // namespace weir
