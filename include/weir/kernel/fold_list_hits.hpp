// SPDX-License-Identifier: MIT
// Momentum joins the residual, and the gate's scan, in one pass: at the size of memory the scan is then free.
#pragma once

#include <weir/kernel/list_hits.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace kernel {
namespace detail {

/// Of cells [i, n).
inline uint16_t* fold_list_rest(float rate, float* u, float keep, float* r, index_t i, index_t n, float wt,
                                uint16_t first, uint16_t* list) noexcept {
  for (; i < n; ++i) {
    const float v = u[i];
    const float sum = r[i] + rate * v;
    r[i] = sum;
    u[i] = v * keep;
    *list = static_cast<uint16_t>(first + i);
    list += sum < wt && -sum < wt ? 0 : 1;
  }
  return list;
}

}  // namespace detail

/// r[i] += rate * u[i]; u[i] *= keep; then as list_hits(r, n, wt, first, list), for i in [0, n). r and u do not overlap.
///
/// A product and then a sum, each rounded: all instruction sets agree to the bit where the compiler does not contract
/// them (-ffp-contract=off). Where it does, and gcc contracts the vectors' products too, a cell can differ in its last
/// bit, and so rise to Wt on one machine a step before it does on another. Nothing is lost by that: the residual keeps it.
inline index_t fold_list_hits(float rate, float* u, float keep, float* r, index_t n, float wt, uint16_t first,
                              uint16_t* list, scalar) noexcept {
  return static_cast<index_t>(detail::fold_list_rest(rate, u, keep, r, 0, n, wt, first, list) - list);
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

__attribute__((noinline)) inline index_t fold_list_hits(float rate, float* u, float keep, float* r, index_t n, float wt,
                                                        uint16_t first, uint16_t* list, sse2) noexcept {
  const detail::hits_sse2 hit(wt);
  const __m128 rates = _mm_set1_ps(rate);
  const __m128 keeps = _mm_set1_ps(keep);
  uint16_t* end = list;
  index_t i = 0;
  for (; n - i >= 64; i += 64) {
    uint64_t word = 0;
    for (unsigned k = 0; k < 64; k += 16) {
      __m128i four[4];
      for (unsigned j = 0; j < 4; ++j) four[j] = hit(detail::fold4(rates, u + i + k + 4 * j, keeps, r + i + k + 4 * j));
      word |= hit.bits(four[0], four[1], four[2], four[3]) << k;
    }
    end = detail::list_word(word, first + i, end);
  }
  return static_cast<index_t>(detail::fold_list_rest(rate, u, keep, r, i, n, wt, first, end) - list);
}
#endif

#if WEIR_HAS_AVX2
namespace detail {
inline __m256 fold8(__m256 rate, float* u, __m256 keep, float* r) noexcept {
  const __m256 v = _mm256_loadu_ps(u);
  const __m256 sum = _mm256_add_ps(_mm256_loadu_ps(r), _mm256_mul_ps(rate, v));
  _mm256_storeu_ps(r, sum);
  _mm256_storeu_ps(u, _mm256_mul_ps(v, keep));
  return sum;
}
}  // namespace detail

__attribute__((noinline)) inline index_t fold_list_hits(float rate, float* u, float keep, float* r, index_t n, float wt,
                                                        uint16_t first, uint16_t* list, avx2) noexcept {
  const detail::hits_avx2 hit(wt);
  const __m256 rates = _mm256_set1_ps(rate);
  const __m256 keeps = _mm256_set1_ps(keep);
  uint16_t* end = list;
  index_t i = 0;
  while (n - i >= 64) {
    const index_t stop = n - i > hit.look() ? static_cast<index_t>(i + hit.look()) : n - n % 64;
    if (hit.many(list, end, i)) {
      for (; i < stop; i += 64)
        for (unsigned k = 0; k < 64; k += 8)
          end = hit.append(hit(detail::fold8(rates, u + i + k, keeps, r + i + k)), first + i + k, end);
    } else {
      for (; i < stop; i += 64) {
        uint64_t word = 0;
        for (unsigned k = 0; k < 64; k += 32) {
          __m256i four[4];
          for (unsigned j = 0; j < 4; ++j)
            four[j] = hit(detail::fold8(rates, u + i + k + 8 * j, keeps, r + i + k + 8 * j));
          word |= hit.bits(four[0], four[1], four[2], four[3]) << k;
        }
        end = detail::list_word(word, first + i, end);
      }
    }
  }
  return static_cast<index_t>(detail::fold_list_rest(rate, u, keep, r, i, n, wt, first, end) - list);
}
#endif

#if WEIR_HAS_AVX512
__attribute__((noinline)) inline index_t fold_list_hits(float rate, float* u, float keep, float* r, index_t n, float wt,
                                                        uint16_t first, uint16_t* list, avx512) noexcept {
  detail::hits_avx512 hits(wt, first, list);
  const __m512 rates = _mm512_set1_ps(rate);
  const __m512 keeps = _mm512_set1_ps(keep);
  index_t i = 0;
  for (; n - i >= 64; i += 64) {
    __mmask16 hit[4];
    for (unsigned k = 0; k < 4; ++k) {
      float* const to = r + i + 16 * k;
      float* const from = u + i + 16 * k;
      const __m512 v = _mm512_loadu_ps(from);
      const __m512 sum = _mm512_add_ps(_mm512_loadu_ps(to), _mm512_mul_ps(rates, v));
      _mm512_storeu_ps(to, sum);
      _mm512_storeu_ps(from, _mm512_mul_ps(v, keeps));
      hit[k] = hits(sum);
    }
    hits.append(hit[0], hit[1], hit[2], hit[3]);
  }
  return static_cast<index_t>(detail::fold_list_rest(rate, u, keep, r, i, n, wt, first, hits.end()) - list);
}
#endif

#if WEIR_HAS_NEON
__attribute__((noinline)) inline index_t fold_list_hits(float rate, float* u, float keep, float* r, index_t n, float wt,
                                                        uint16_t first, uint16_t* list, neon) noexcept {
  const detail::hits_neon hit(wt);
  uint16_t* end = list;
  index_t i = 0;
  for (; n - i >= 64; i += 64) {
    uint32x4_t below[16];
    for (unsigned k = 0; k < 16; ++k) {
      const float32x4_t v = vld1q_f32(u + i + 4 * k);
      const float32x4_t sum = vaddq_f32(vld1q_f32(r + i + 4 * k), vmulq_n_f32(v, rate));
      vst1q_f32(r + i + 4 * k, sum);
      vst1q_f32(u + i + 4 * k, vmulq_n_f32(v, keep));
      below[k] = hit.below(sum);
    }
    end = detail::list_word(hit.bits(below), first + i, end);
  }
  return static_cast<index_t>(detail::fold_list_rest(rate, u, keep, r, i, n, wt, first, end) - list);
}
#endif

}  // namespace kernel
}  // namespace WEIR_ABI
}  // namespace weir
