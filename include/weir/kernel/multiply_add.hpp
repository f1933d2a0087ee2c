// SPDX-License-Identifier: MIT
// a * b + c: rounded once where the machine has an instruction for it, else after the product and after the sum. All
// kernels that add products use it, so in one build they agree to the bit (with -ffp-contract=off).
#pragma once

#include <weir/config.hpp>
#if WEIR_HAS_SSE2
#  include <immintrin.h>
#endif
#if WEIR_HAS_NEON
#  include <arm_neon.h>
#endif

namespace weir {
inline namespace WEIR_ABI {
namespace kernel {

inline float multiply_add(float a, float b, float c) noexcept {
#if WEIR_HAS_FMA
  return __builtin_fmaf(a, b, c);
#else
  return a * b + c;
#endif
}

#if WEIR_HAS_SSE2
inline __m128 multiply_add(__m128 a, __m128 b, __m128 c) noexcept {
#  if WEIR_HAS_FMA
  return _mm_fmadd_ps(a, b, c);
#  else
  return _mm_add_ps(_mm_mul_ps(a, b), c);
#  endif
}
#endif

#if WEIR_HAS_AVX2
inline __m256 multiply_add(__m256 a, __m256 b, __m256 c) noexcept {
#  if WEIR_HAS_FMA
  return _mm256_fmadd_ps(a, b, c);
#  else
  return _mm256_add_ps(_mm256_mul_ps(a, b), c);
#  endif
}
#endif

#if WEIR_HAS_AVX512
inline __m512 multiply_add(__m512 a, __m512 b, __m512 c) noexcept { return _mm512_fmadd_ps(a, b, c); }
#endif

#if WEIR_HAS_NEON
inline float32x4_t multiply_add(float32x4_t a, float32x4_t b, float32x4_t c) noexcept { return vfmaq_f32(c, a, b); }
#endif

}  // namespace kernel
}  // namespace WEIR_ABI
}  // namespace weir
