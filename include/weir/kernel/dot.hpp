// SPDX-License-Identifier: MIT
#pragma once

#include <weir/core/fixed.hpp>
#include <weir/kernel/isa.hpp>
#include <weir/kernel/multiply_add.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace kernel {

/// bias + sum over i < n of m[i * stride] * x[i], in units of m: the sum is exact, and rounded once.
template <class A, int8_t FA, class B, int8_t FB>
fixed<A, FA> rounded_dot(const fixed<A, FA>* m, index_t stride, const fixed<B, FB>* x, index_t n, fixed<A, FA> bias,
                         scalar) noexcept {
  static_assert(FB >= 0 && FB <= 16, "weir: inputs have up to 16 fraction bits");
  // Products have up to 30 bits; of two 8-bit numbers 14, and 2^16 of them fit 32.
  typedef typename conditional<sizeof(A) + sizeof(B) == 2 && sizeof(index_t) == 2, int32_t, int64_t>::type sum_type;
  sum_type sum = static_cast<int32_t>(bias.raw) * (static_cast<int32_t>(1) << FB);
  for (index_t i = 0; i < n; ++i, m += stride) sum += static_cast<int32_t>(m->raw) * x[i].raw;
  return fixed<A, FA>::from_raw(saturate<A>(round_shift<sum_type>(sum, FB)));
}

inline float dot(const float* a, const float* b, index_t n, scalar) noexcept {
  float sum = 0;
  for (index_t i = 0; i < n; ++i) sum = multiply_add(a[i], b[i], sum);
  return sum;
}

/// Partial sum l takes elements l, l + 16, ...; then halves are added: 8 + 8, 4 + 4, 2 + 2, 1 + 1; then the tail.
inline float dot(const float* a, const float* b, index_t n, lanes16) noexcept {
  float sum[16] = {};
  index_t i = 0;
  for (; n - i >= 16; i += 16)
    for (index_t l = 0; l < 16; ++l) sum[l] = multiply_add(a[i + l], b[i + l], sum[l]);
  for (index_t half = 8; half > 0; half /= 2)
    for (index_t l = 0; l < half; ++l) sum[l] += sum[l + half];
  return sum[0] + dot(a + i, b + i, n - i, scalar());
}

#if WEIR_HAS_SSE2
namespace detail {
/// (0 + 2) + (1 + 3): the last two steps of the sum.
inline float sum4(__m128 v) noexcept {
  const __m128 pairs = _mm_add_ps(v, _mm_movehl_ps(v, v));
  return _mm_cvtss_f32(_mm_add_ss(pairs, _mm_shuffle_ps(pairs, pairs, 1)));
}
}  // namespace detail

inline float dot(const float* a, const float* b, index_t n, sse2) noexcept {
  __m128 s0 = _mm_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
  index_t i = 0;
  for (; n - i >= 16; i += 16) {
    s0 = multiply_add(_mm_loadu_ps(a + i), _mm_loadu_ps(b + i), s0);
    s1 = multiply_add(_mm_loadu_ps(a + i + 4), _mm_loadu_ps(b + i + 4), s1);
    s2 = multiply_add(_mm_loadu_ps(a + i + 8), _mm_loadu_ps(b + i + 8), s2);
    s3 = multiply_add(_mm_loadu_ps(a + i + 12), _mm_loadu_ps(b + i + 12), s3);
  }
  const float sum = detail::sum4(_mm_add_ps(_mm_add_ps(s0, s2), _mm_add_ps(s1, s3)));
  return sum + dot(a + i, b + i, n - i, scalar());
}
#endif

#if WEIR_HAS_AVX2
inline float dot(const float* a, const float* b, index_t n, avx2) noexcept {
  __m256 s0 = _mm256_setzero_ps(), s1 = s0;
  index_t i = 0;
  for (; n - i >= 16; i += 16) {
    s0 = multiply_add(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i), s0);
    s1 = multiply_add(_mm256_loadu_ps(a + i + 8), _mm256_loadu_ps(b + i + 8), s1);
  }
  const __m256 s = _mm256_add_ps(s0, s1);
  const float sum = detail::sum4(_mm_add_ps(_mm256_castps256_ps128(s), _mm256_extractf128_ps(s, 1)));
  return sum + dot(a + i, b + i, n - i, scalar());
}
#endif

}  // namespace kernel
}  // namespace WEIR_ABI
}  // namespace weir
