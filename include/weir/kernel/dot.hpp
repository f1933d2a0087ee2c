// SPDX-License-Identifier: MIT
#pragma once

#include <weir/core/fixed.hpp>
#include <weir/kernel/vector.hpp>

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

/// Partial sum l takes elements l, l + 16, ...; then halves are added: 8 + 8, 4 + 4, 2 + 2, 1 + 1.
inline float dot(const float* a, const float* b, index_t n, lanes16) noexcept {
  float sum[16] = {};
  for (index_t i = 0; i < n; i += 16)
    for (index_t l = 0; l < 16 && l < n - i; ++l) sum[l] = multiply_add(a[i + l], b[i + l], sum[l]);
  for (index_t half = 8; half > 0; half /= 2)
    for (index_t l = 0; l < half; ++l) sum[l] += sum[l + half];
  return sum[0];
}

/// The same with vectors.
template <class Isa>
auto dot(const float* a, const float* b, index_t n, Isa) noexcept ->
    typename enable_if<vectors<Isa>::exist(), float>::type {
  typedef vectors<Isa> v;
  constexpr index_t W = v::width(), Parts = 16 / W;
  typename v::type sum[Parts];
  WEIR_UNROLL
  for (index_t p = 0; p < Parts; ++p) sum[p] = v::all(0);
  index_t i = 0;
  for (; n - i >= 16; i += 16) {
    WEIR_UNROLL
    for (index_t p = 0; p < Parts; ++p)
      sum[p] = multiply_add(v::load(a + i + p * W), v::load(b + i + p * W), sum[p]);
  }
  WEIR_UNROLL
  for (index_t p = 0; p < Parts; ++p) {
    const index_t rest = n - i <= p * W ? 0 : n - i - p * W;
    sum[p] = multiply_add(load_up_to<v>(a + i + p * W, rest), load_up_to<v>(b + i + p * W, rest), sum[p]);
  }
  return v::total(sum);
}

}  // namespace kernel
}  // namespace WEIR_ABI
}  // namespace weir
