// SPDX-License-Identifier: MIT
// Cells from here and there, side by side.
#pragma once

#include <weir/kernel/isa.hpp>
#if WEIR_HAS_SSE2
#  include <immintrin.h>
#endif

namespace weir {
inline namespace WEIR_ABI {
namespace kernel {

/// to[i] = from[list[i]], for i < 32.
template <class Cell>
void gather32(const Cell* from, const uint16_t* list, Cell (&to)[32]) noexcept {
  for (unsigned i = 0; i < 32; ++i) to[i] = from[list[i]];
}

#if WEIR_HAS_SSE2
/// Stored by whole vectors: a vector that is loaded from what was stored in parts waits until these are in the cache.
inline void gather32(const float* from, const uint16_t* list, float (&to)[32]) noexcept {
  for (unsigned i = 0; i < 32; i += 16) {
    __m128 four[4];
    for (unsigned k = 0; k < 4; ++k) {
      const uint16_t* const at = list + i + 4 * k;
      four[k] = _mm_setr_ps(from[at[0]], from[at[1]], from[at[2]], from[at[3]]);
    }
#  if WEIR_HAS_AVX2
    const __m256 low = _mm256_insertf128_ps(_mm256_castps128_ps256(four[0]), four[1], 1);
    const __m256 high = _mm256_insertf128_ps(_mm256_castps128_ps256(four[2]), four[3], 1);
#    if WEIR_HAS_AVX512
    const __m512d both = _mm512_castpd256_pd512(_mm256_castps_pd(low));  // a mask of all: without one gcc 12 warns
    _mm512_storeu_ps(to + i, _mm512_castpd_ps(_mm512_maskz_insertf64x4(0xff, both, _mm256_castps_pd(high), 1)));
#    else
    _mm256_storeu_ps(to + i, low);
    _mm256_storeu_ps(to + i + 8, high);
#    endif
#  else
    for (unsigned k = 0; k < 4; ++k) _mm_storeu_ps(to + i + 4 * k, four[k]);
#  endif
  }
}
#endif

}  // namespace kernel
}  // namespace WEIR_ABI
}  // namespace weir
