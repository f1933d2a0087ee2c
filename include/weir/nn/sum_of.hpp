// SPDX-License-Identifier: MIT
// Sums of numbers and of products, of floats or exact in fixed point, and how they become a gradient.
#pragma once

#include <weir/core/number.hpp>
#include <weir/kernel/avr_dot.hpp>
#include <weir/kernel/dot.hpp>
#include <weir/nn/exact_sum.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// A sum of at most Terms products of A and B, and the nearest A to it: exact in fixed point, and rounded once.
template <class A, class B, uint32_t Terms>
struct sum_of;

template <uint32_t Terms>
struct sum_of<float, float, Terms> {
  float sum;

  void start(float v) noexcept { sum = v; }
  template <int32_t StepA, int32_t StepB>
  void add(const float* a, const float* b, index_t n) noexcept {
    add(a, b, n, bool_constant < StepA == 1 && StepB == 1 && (kernel::native::lanes() > 1) > (), StepA, StepB);
  }
  float nearest() const noexcept { return sum; }

 private:
  void add(const float* a, const float* b, index_t n, true_type, int32_t, int32_t) noexcept {
    sum += kernel::dot(a, b, n, kernel::native());
  }
  void add(const float* a, const float* b, index_t n, false_type, int32_t step_a, int32_t step_b) noexcept {
    for (index_t i = 0; i < n; ++i, a += step_a, b += step_b) sum = kernel::multiply_add(*a, *b, sum);
  }
};

template <class A, int8_t FA, class B, int8_t FB, uint32_t Terms>
struct sum_of<fixed<A, FA>, fixed<B, FB>, Terms> {
  static_assert(sizeof(A) <= 2 && sizeof(B) <= 2 && FB >= 0 && FB <= 16,
                "weir: activations have 8 or 16 bits, and up to 16 fraction bits");
  exact_sum<A, B, Terms, kernel::native> sum;

  void start(fixed<A, FA> v) noexcept { sum.start(static_cast<int32_t>(v.raw) * (static_cast<int32_t>(1) << FB)); }
  template <int32_t StepA, int32_t StepB>
  void add(const fixed<A, FA>* a, const fixed<B, FB>* b, index_t n) noexcept {
    sum.template add<StepA, StepB>(&a->raw, &b->raw, n);
  }
  fixed<A, FA> nearest() const noexcept { return fixed<A, FA>::from_raw(sum.template nearest<FB>()); }
};

/// bias + a . gathered, of N numbers each. Those gathered were X, and have been put into A's with their own unit.
template <class X, index_t N>
float dot_of_gathered(const float* a, const float* gathered, float bias) noexcept {
  sum_of<float, float, N> sum;
  sum.start(bias);
  sum.template add<1, 1>(a, gathered, N);
  return sum.nearest();
}
template <index_t N, class A, int8_t F>
fixed<A, F> dot_of_gathered(const fixed<A, F>* a, const fixed<A, F>* gathered, fixed<A, F> bias, fixed<A, F>) noexcept {
  return kernel::rounded_dot(a, 1, gathered, N, bias, kernel::native());
}
template <index_t N, class A, int8_t FA, class B, int8_t FB>
fixed<A, FA> dot_of_gathered(const fixed<A, FA>* a, const fixed<A, FA>* gathered, fixed<A, FA> bias,
                             fixed<B, FB>) noexcept {
  exact_sum<A, A, N, kernel::native> sum;
  sum.start(static_cast<int32_t>(bias.raw) * (static_cast<int32_t>(1) << FB));
  sum.template add<1, 1>(&a->raw, &gathered->raw, N);
  return fixed<A, FA>::from_raw(sum.template nearest<FB>());
}
template <class X, index_t N, class A, int8_t F>
fixed<A, F> dot_of_gathered(const fixed<A, F>* a, const fixed<A, F>* gathered, fixed<A, F> bias) noexcept {
  return dot_of_gathered<N>(a, gathered, bias, X::from_raw(0));
}

/// A sum of at most Terms numbers.
template <class A, uint32_t Terms>
struct plain_sum;
template <uint32_t Terms>
struct plain_sum<float, Terms> {
  float sum;

  void add(const float* v, index_t n) noexcept {
    index_t i = 0;
    if (kernel::native::lanes() > 1 && n >= 16) {  // sixteen partial sums: one addition alone takes its time
      float lanes[16] = {};
      for (; n - i >= 16; i += 16)
        for (index_t l = 0; l < 16; ++l) lanes[l] += v[i + l];
      for (index_t l = 0; l < 16; ++l) sum += lanes[l];
    }
    for (; i < n; ++i) sum += v[i];
  }
};
template <class A, int8_t FA, uint32_t Terms>
struct plain_sum<fixed<A, FA>, Terms> {
  typedef typename conditional<(Terms < 65536), int32_t, int64_t>::type wide;
  wide sum;

  void add(const fixed<A, FA>* v, index_t n) noexcept {
    for (index_t i = 0; i < n; ++i) sum += v[i].raw;
  }
};

/// Sums are handed to a sink so many at a time: they stand on the stack.
constexpr index_t sums_at_a_time() noexcept { return 8; }

/// Hands n <= sums_at_a_time() sums, in units of 2^-(FA + FB), to the sink, as the gradient of the weights at `offset`: as a
/// row of 16 bits with a power of two that the largest sum fits. 15 significant bits, but none below 1/16 of A's unit. A
/// gradient of many positions may well be beyond the range of A.
template <int8_t FA, int8_t FB, class Sink, class Wide>
void add_exact(Sink& sink, index_t offset, const Wide* sums, index_t n) noexcept {
  constexpr int8_t Finer = FB < 4 ? FB : 4;
  int32_t fine[sums_at_a_time()], most = 0;
  for (index_t i = 0; i < n; ++i) {
    fine[i] = saturate<int32_t>(round_shift<Wide>(sums[i], FB - Finer));
    const int32_t up = fine[i] < 0 ? -fine[i] : fine[i];
    if (most < up) most = up;
  }
  if (most == 0) return;
  uint8_t shift = 0;
  for (; shift < 14 && most > raw_range<int16_t>::highest(); most >>= 1) ++shift;
  typedef fixed<int16_t, FA + Finer> cell;
  cell row[sums_at_a_time()];
  for (index_t i = 0; i < n; ++i) row[i].raw = saturate<int16_t>(round_shift<int32_t>(fine[i], shift));
  if (shift == 0)
    sink.add(offset, static_cast<const cell*>(row), n);
  else
    sink.add(offset, fixed<int16_t, 0>::from_raw(static_cast<int16_t>(static_cast<int16_t>(1) << shift)),
             static_cast<const cell*>(row), n);
}

template <class Sink, uint32_t Terms>
void add_sums(Sink& sink, index_t offset, const sum_of<float, float, Terms>* sums, index_t n) noexcept {
  float row[sums_at_a_time()];
  for (index_t i = 0; i < n; ++i) row[i] = sums[i].sum;
  sink.add(offset, static_cast<const float*>(row), n);
}
template <class Sink, class A, int8_t FA, class B, int8_t FB, uint32_t Terms>
void add_sums(Sink& sink, index_t offset, const sum_of<fixed<A, FA>, fixed<B, FB>, Terms>* sums, index_t n) noexcept {
  typename exact_sum<A, B, Terms, kernel::native>::wide row[sums_at_a_time()];
  for (index_t i = 0; i < n; ++i) row[i] = sums[i].sum.value();
  add_exact<FA, FB>(sink, offset, row, n);
}
template <class Sink, uint32_t Terms>
void add_sums(Sink& sink, index_t offset, const plain_sum<float, Terms>* sums, index_t n) noexcept {
  float row[sums_at_a_time()];
  for (index_t i = 0; i < n; ++i) row[i] = sums[i].sum;
  sink.add(offset, static_cast<const float*>(row), n);
}
template <class Sink, class A, int8_t FA, uint32_t Terms>
void add_sums(Sink& sink, index_t offset, const plain_sum<fixed<A, FA>, Terms>* sums, index_t n) noexcept {
  typename plain_sum<fixed<A, FA>, Terms>::wide row[sums_at_a_time()];
  for (index_t i = 0; i < n; ++i) row[i] = sums[i].sum;
  add_exact<FA, 0>(sink, offset, row, n);
}

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
