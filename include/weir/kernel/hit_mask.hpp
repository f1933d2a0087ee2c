// SPDX-License-Identifier: MIT
// The scan of the gate, a bit for each cell: which have risen to Wt?
#pragma once

#include <weir/kernel/isa.hpp>
#if WEIR_HAS_SSE2
#  include <immintrin.h>
#elif WEIR_HAS_NEON
#  include <arm_neon.h>
#endif

namespace weir {
inline namespace WEIR_ABI {
namespace kernel {

/// Bit i % 32 of hits[i / 32] says whether |r[i]| >= wt, for i in [0, n). wt >= 0; what is not a number is a hit, so that
/// somebody looks at it. Writes (n + 31) / 32 words; their bits from n on are zero.
inline void hit_mask(const float* r, index_t n, float wt, uint32_t* hits, scalar) noexcept {
  for (index_t i = 0; i < n; ++hits) {
    const index_t end = n - i > 32 ? static_cast<index_t>(i + 32) : n;
    uint32_t word = 0;
    for (uint32_t bit = 1; i < end; ++i, bit <<= 1)
      if (!(r[i] < wt && -r[i] < wt)) word |= bit;
    *hits = word;
  }
}

#if WEIR_HAS_SSE2
namespace detail {

/// Which of sixteen numbers, |r| and Wt compared.
struct hits_sse2 {
  __m128 bound;
  __m128 no_sign;

  explicit hits_sse2(float wt) noexcept
      : bound(_mm_set1_ps(wt)), no_sign(_mm_castsi128_ps(_mm_set1_epi32(0x7fffffff))) {}
  __m128i operator()(__m128 r) const noexcept { return _mm_castps_si128(_mm_cmpnlt_ps(_mm_and_ps(r, no_sign), bound)); }
  static uint32_t bits(__m128i a, __m128i b, __m128i c, __m128i d) noexcept {
    const __m128i narrow = _mm_packs_epi16(_mm_packs_epi32(a, b), _mm_packs_epi32(c, d));
    return static_cast<uint32_t>(_mm_movemask_epi8(narrow));
  }
};

}  // namespace detail

// The vector kernels are not inlined: in a net of two weights the compiler would see their loops, which it never enters,
// read past the end, and warn.
__attribute__((noinline)) inline void hit_mask(const float* r, index_t n, float wt, uint32_t* hits, sse2) noexcept {
  const detail::hits_sse2 hit(wt);
  index_t i = 0;
  for (; n - i >= 32; i += 32) {
    uint32_t word = 0;
    for (unsigned k = 0; k < 32; k += 16) {
      const float* const p = r + i + k;
      word |=
          hit.bits(hit(_mm_loadu_ps(p)), hit(_mm_loadu_ps(p + 4)), hit(_mm_loadu_ps(p + 8)), hit(_mm_loadu_ps(p + 12)))
          << k;
    }
    hits[i / 32] = word;
  }
  hit_mask(r + i, n - i, wt, hits + i / 32, scalar());
}
#endif

#if WEIR_HAS_AVX2
namespace detail {

struct hits_avx2 {
  __m256 bound;
  __m256 no_sign;

  explicit hits_avx2(float wt) noexcept
      : bound(_mm256_set1_ps(wt)), no_sign(_mm256_castsi256_ps(_mm256_set1_epi32(0x7fffffff))) {}
  uint32_t operator()(__m256 r) const noexcept {
    return static_cast<uint32_t>(_mm256_movemask_ps(_mm256_cmp_ps(_mm256_and_ps(r, no_sign), bound, _CMP_NLT_UQ)));
  }
};

}  // namespace detail

__attribute__((noinline)) inline void hit_mask(const float* r, index_t n, float wt, uint32_t* hits, avx2) noexcept {
  const detail::hits_avx2 hit(wt);
  index_t i = 0;
  for (; n - i >= 32; i += 32) {
    uint32_t word = 0;
    for (unsigned k = 0; k < 32; k += 8) word |= hit(_mm256_loadu_ps(r + i + k)) << k;
    hits[i / 32] = word;
  }
  hit_mask(r + i, n - i, wt, hits + i / 32, scalar());
}
#endif

#if WEIR_HAS_AVX512
namespace detail {

struct hits_avx512 {
  __m512 bound;

  explicit hits_avx512(float wt) noexcept : bound(_mm512_set1_ps(wt)) {}
  uint32_t operator()(__m512 r) const noexcept { return _mm512_cmp_ps_mask(_mm512_abs_ps(r), bound, _CMP_NLT_UQ); }
};

}  // namespace detail

__attribute__((noinline)) inline void hit_mask(const float* r, index_t n, float wt, uint32_t* hits, avx512) noexcept {
  const detail::hits_avx512 hit(wt);
  index_t i = 0;
  for (; n - i >= 32; i += 32) {
    const uint32_t low = hit(_mm512_loadu_ps(r + i));
    hits[i / 32] = low | (hit(_mm512_loadu_ps(r + i + 16)) << 16);
  }
  hit_mask(r + i, n - i, wt, hits + i / 32, scalar());
}
#endif

#if WEIR_HAS_NEON
namespace detail {

/// Thirty-two comparisons, gathered as a word: there is no movemask.
struct hits_neon {
  float32x4_t bound;

  explicit hits_neon(float wt) noexcept : bound(vdupq_n_f32(wt)) {}
  uint32x4_t below(float32x4_t r) const noexcept { return vcaltq_f32(r, bound); }  // |r| < |bound|
  static uint8x16_t narrow(const uint32x4_t* m) noexcept {
    return vuzp1q_u8(vreinterpretq_u8_u16(vuzp1q_u16(vreinterpretq_u16_u32(m[0]), vreinterpretq_u16_u32(m[1]))),
                     vreinterpretq_u8_u16(vuzp1q_u16(vreinterpretq_u16_u32(m[2]), vreinterpretq_u16_u32(m[3]))));
  }
  /// The bits of eight vectors of four, those that are not below.
  static uint32_t bits(const uint32x4_t* m) noexcept {
    const uint8x16_t weights = vreinterpretq_u8_u64(vdupq_n_u64(0x8040201008040201u));
    const uint8x16_t pairs = vpaddq_u8(vbicq_u8(weights, narrow(m)), vbicq_u8(weights, narrow(m + 4)));
    const uint8x16_t fours = vpaddq_u8(pairs, pairs);
    return vgetq_lane_u32(vreinterpretq_u32_u8(vpaddq_u8(fours, fours)), 0);
  }
};

}  // namespace detail

__attribute__((noinline)) inline void hit_mask(const float* r, index_t n, float wt, uint32_t* hits, neon) noexcept {
  const detail::hits_neon hit(wt);
  index_t i = 0;
  for (; n - i >= 32; i += 32) {
    uint32x4_t below[8];
    for (unsigned k = 0; k < 8; ++k) below[k] = hit.below(vld1q_f32(r + i + 4 * k));
    hits[i / 32] = hit.bits(below);
  }
  hit_mask(r + i, n - i, wt, hits + i / 32, scalar());
}
#endif

}  // namespace kernel
}  // namespace WEIR_ABI
}  // namespace weir
