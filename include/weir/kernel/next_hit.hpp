// SPDX-License-Identifier: MIT
// The scan of the gate: where is the next cell that has risen to Wt?
#pragma once

#include <weir/core/fixed.hpp>
#include <weir/kernel/isa.hpp>
#if WEIR_HAS_SSE2
#  include <immintrin.h>
#endif

namespace weir {
inline namespace WEIR_ABI {
namespace kernel {

/// The first i in [from, n) with |r[i]| >= wt, or n. wt >= 0; what is not a number is a hit, so that somebody looks at it.
inline index_t next_hit(const float* r, index_t from, index_t n, float wt, scalar) noexcept {
  for (; from < n; ++from)
    if (!(r[from] < wt && -r[from] < wt)) break;
  return from;
}

template <class Rep, int8_t F>
index_t next_hit(const fixed<Rep, F>* r, index_t from, index_t n, fixed<Rep, F> wt, scalar) noexcept {
  const Rep high = wt.raw;
  const Rep low = static_cast<Rep>(-high);
  for (; from < n; ++from)
    if (r[from].raw >= high || r[from].raw <= low) break;
  return from;
}

// The vector kernels are not inlined: in a net of two weights the compiler would see their loops, which it never enters,
// read past the end, and warn.
#if WEIR_HAS_SSE2
__attribute__((noinline)) inline index_t next_hit(const float* r, index_t from, index_t n, float wt, sse2) noexcept {
  const __m128 bound = _mm_set1_ps(wt);
  const __m128 no_sign = _mm_castsi128_ps(_mm_set1_epi32(0x7fffffff));
  for (; static_cast<size_t>(from) + 16 <= n; from += 16) {
    const __m128 a = _mm_cmpnlt_ps(_mm_and_ps(_mm_loadu_ps(r + from), no_sign), bound);
    const __m128 b = _mm_cmpnlt_ps(_mm_and_ps(_mm_loadu_ps(r + from + 4), no_sign), bound);
    const __m128 c = _mm_cmpnlt_ps(_mm_and_ps(_mm_loadu_ps(r + from + 8), no_sign), bound);
    const __m128 d = _mm_cmpnlt_ps(_mm_and_ps(_mm_loadu_ps(r + from + 12), no_sign), bound);
    const __m128i ab = _mm_packs_epi32(_mm_castps_si128(a), _mm_castps_si128(b));
    const __m128i cd = _mm_packs_epi32(_mm_castps_si128(c), _mm_castps_si128(d));
    const int mask = _mm_movemask_epi8(_mm_packs_epi16(ab, cd));
    if (mask != 0) return from + static_cast<index_t>(__builtin_ctz(static_cast<unsigned>(mask)));
  }
  return next_hit(r, from, n, wt, scalar());
}
#endif

#if WEIR_HAS_AVX2
__attribute__((noinline)) inline index_t next_hit(const float* r, index_t from, index_t n, float wt, avx2) noexcept {
  const __m256 bound = _mm256_set1_ps(wt);
  const __m256 no_sign = _mm256_castsi256_ps(_mm256_set1_epi32(0x7fffffff));
  for (; static_cast<size_t>(from) + 32 <= n; from += 32) {
    unsigned mask = 0;
    for (unsigned k = 0; k < 4; ++k) {
      const __m256 v = _mm256_and_ps(_mm256_loadu_ps(r + from + 8 * k), no_sign);
      mask |= static_cast<unsigned>(_mm256_movemask_ps(_mm256_cmp_ps(v, bound, _CMP_NLT_UQ))) << (8 * k);
    }
    if (mask != 0) return from + static_cast<index_t>(__builtin_ctz(mask));
  }
  return next_hit(r, from, n, wt, sse2());
}
#endif

}  // namespace kernel
}  // namespace WEIR_ABI
}  // namespace weir
