// SPDX-License-Identifier: MIT
// Vectors of floats, one type for each instruction set: what kernels that are written once for all of them need.
#pragma once

#include <weir/kernel/isa.hpp>
#include <weir/kernel/multiply_add.hpp>

/// In front of a loop of a few known turns: registers are no array to be indexed. (Under the address sanitizer they may be:
/// its code for each turn takes compilers minutes.)
#if defined(__SANITIZE_ADDRESS__)
#  define WEIR_UNROLL
#elif defined(__clang__)
#  define WEIR_UNROLL _Pragma("clang loop unroll(full)")
#elif defined(__GNUC__) && __GNUC__ >= 8
#  define WEIR_UNROLL _Pragma("GCC unroll 32")
#else
#  define WEIR_UNROLL
#endif

namespace weir {
inline namespace WEIR_ABI {
namespace kernel {

/// The vectors of an instruction set, where it has some. `registers` are those that a kernel may fill with sums.
template <class Isa>
struct vectors {
  static constexpr bool exist() noexcept { return false; }
  static constexpr index_t width() noexcept { return 1; }
};

#if WEIR_HAS_SSE2
template <>
struct vectors<sse2> {
  typedef __m128 type;
  static constexpr bool exist() noexcept { return true; }
  static constexpr index_t width() noexcept { return 4; }
  static constexpr index_t registers() noexcept { return 12; }
  static type all(float v) noexcept { return _mm_set1_ps(v); }
  static type load(const float* p) noexcept { return _mm_loadu_ps(p); }
  static void store(float* p, type v) noexcept { _mm_storeu_ps(p, v); }
  static type add(type a, type b) noexcept { return _mm_add_ps(a, b); }
  /// The first n < width() numbers, and zeros.
  static type load_first(const float* p, index_t n) noexcept {
    float part[4] = {};
    for (index_t i = 0; i < n; ++i) part[i] = p[i];
    return load(part);
  }
  static void store_first(float* p, type v, index_t n) noexcept {
    float part[4];
    store(part, v);
    for (index_t i = 0; i < n; ++i) p[i] = part[i];
  }
  /// The sum of all lanes of a row of 16 / width() vectors: halves are added, 8 + 8, 4 + 4, 2 + 2, 1 + 1.
  static float total(const type* s) noexcept { return total4(add(add(s[0], s[2]), add(s[1], s[3]))); }
  static float total4(type v) noexcept {
    const type pairs = _mm_add_ps(v, _mm_movehl_ps(v, v));
    return _mm_cvtss_f32(_mm_add_ss(pairs, _mm_shuffle_ps(pairs, pairs, 1)));
  }
};
#endif

#if WEIR_HAS_AVX2
template <>
struct vectors<avx2> {
  typedef __m256 type;
  static constexpr bool exist() noexcept { return true; }
  static constexpr index_t width() noexcept { return 8; }
  static constexpr index_t registers() noexcept { return 12; }
  static type all(float v) noexcept { return _mm256_set1_ps(v); }
  static type load(const float* p) noexcept { return _mm256_loadu_ps(p); }
  static void store(float* p, type v) noexcept { _mm256_storeu_ps(p, v); }
  static type add(type a, type b) noexcept { return _mm256_add_ps(a, b); }
  static type load_first(const float* p, index_t n) noexcept { return _mm256_maskload_ps(p, first(n)); }
  static void store_first(float* p, type v, index_t n) noexcept { _mm256_maskstore_ps(p, first(n), v); }
  static float total(const type* s) noexcept {
    const type v = add(s[0], s[1]);
    return vectors<sse2>::total4(_mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1)));
  }

 private:
  static __m256i first(index_t n) noexcept {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  }
};
#endif

#if WEIR_HAS_AVX512
template <>
struct vectors<avx512> {
  typedef __m512 type;
  static constexpr bool exist() noexcept { return true; }
  static constexpr index_t width() noexcept { return 16; }
  static constexpr index_t registers() noexcept { return 24; }
  static type all(float v) noexcept { return _mm512_set1_ps(v); }
  static type load(const float* p) noexcept { return _mm512_loadu_ps(p); }
  static void store(float* p, type v) noexcept { _mm512_storeu_ps(p, v); }
  static type add(type a, type b) noexcept { return _mm512_add_ps(a, b); }
  static type load_first(const float* p, index_t n) noexcept { return _mm512_maskz_loadu_ps(first(n), p); }
  static void store_first(float* p, type v, index_t n) noexcept { _mm512_mask_storeu_ps(p, first(n), v); }
  static float total(const type* s) noexcept {
    const __m512d d = _mm512_castps_pd(*s);  // maskz: gcc 12 warns of the other forms
    const __m256 v = _mm256_add_ps(_mm256_castpd_ps(_mm512_maskz_extractf64x4_pd(0xff, d, 0)),
                                   _mm256_castpd_ps(_mm512_maskz_extractf64x4_pd(0xff, d, 1)));
    return vectors<sse2>::total4(_mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1)));
  }

 private:
  static __mmask16 first(index_t n) noexcept { return static_cast<__mmask16>((1u << n) - 1); }
};
#endif

#if WEIR_HAS_NEON
template <>
struct vectors<neon> {
  typedef float32x4_t type;
  static constexpr bool exist() noexcept { return true; }
  static constexpr index_t width() noexcept { return 4; }
  static constexpr index_t registers() noexcept { return 24; }
  static type all(float v) noexcept { return vdupq_n_f32(v); }
  static type load(const float* p) noexcept { return vld1q_f32(p); }
  static void store(float* p, type v) noexcept { vst1q_f32(p, v); }
  static type add(type a, type b) noexcept { return vaddq_f32(a, b); }
  static type load_first(const float* p, index_t n) noexcept {
    float part[4] = {};
    for (index_t i = 0; i < n; ++i) part[i] = p[i];
    return load(part);
  }
  static void store_first(float* p, type v, index_t n) noexcept {
    float part[4];
    store(part, v);
    for (index_t i = 0; i < n; ++i) p[i] = part[i];
  }
  static float total(const type* s) noexcept {
    const type v = add(add(s[0], s[2]), add(s[1], s[3]));
    const float32x2_t pairs = vadd_f32(vget_low_f32(v), vget_high_f32(v));
    return vget_lane_f32(pairs, 0) + vget_lane_f32(pairs, 1);
  }
};
#endif

/// Do vectors have more than four lanes? Then summing them up at the end of a dot product takes its time.
template <class Isa>
constexpr bool wide() noexcept {
  return vectors<Isa>::width() > 4;
}

/// The first n numbers, as many as a vector has at most, and zeros.
template <class V>
typename V::type load_up_to(const float* p, index_t n) noexcept {
  return n >= V::width() ? V::load(p) : V::load_first(p, n);
}

}  // namespace kernel
}  // namespace WEIR_ABI
}  // namespace weir
