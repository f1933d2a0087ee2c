// SPDX-License-Identifier: MIT
// Sums of products of integers whose terms lie in several places: exact, whatever the machine.
#pragma once

#include <weir/kernel/avr_dot.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// The sum over i < n of a[i * StepA] * b[i * StepB].
template <int32_t StepA, int32_t StepB, class Wide, class A, class B>
Wide sum_of_run(const A* a, const B* b, index_t n) noexcept {
  Wide sum = 0;
  for (index_t i = 0; i < n; ++i, a += StepA, b += StepB) sum += static_cast<int32_t>(*a) * *b;
  return sum;
}

/// A sum of up to Terms products of integers A and B. Products of 16 bits have up to 30 bits; of 8 bits 14, and 2^16 of
/// them fit 32.
template <class A, class B, uint32_t Terms, class Isa>
struct exact_sum {
  typedef typename conditional<sizeof(A) + sizeof(B) == 2 && (Terms < 65536), int32_t, int64_t>::type wide;
  wide sum;

  void start(int32_t v) noexcept { sum = v; }
  template <int32_t StepA, int32_t StepB>
  void add(const A* a, const B* b, index_t n) noexcept {
    sum += sum_of_run<StepA, StepB, wide>(a, b, n);
  }
  wide value() const noexcept { return sum; }
  template <uint8_t Shift>
  A nearest() const noexcept {
    return saturate<A>(round_shift<wide>(sum, Shift));
  }
};

#if WEIR_HAS_AVR_MUL
/// With weights of 16 bits, 48 bits and the hardware multiplier. One of a run's two sides has to be contiguous; where that one
/// holds a zero, the product is skipped.
struct exact_sum48 {
  typedef int64_t wide;
  kernel::detail::sum48 sum;

  void start(int32_t v) noexcept {
    sum.low = static_cast<uint32_t>(v);
    sum.high = static_cast<int16_t>(v < 0 ? -1 : 0);
  }
  template <int32_t StepA, int32_t StepB>
  void add(const int16_t* a, const int16_t* b, index_t n) noexcept {
    if (StepB == 1)
      plus(kernel::detail::dot48(a, static_cast<uint16_t>(StepA * 2), b, n, 0));
    else if (StepA == 1)
      plus(kernel::detail::dot48(b, static_cast<uint16_t>(StepB * 2), a, n, 0));
    else
      plus(sum_of_run<StepA, StepB, int64_t>(a, b, n));
  }
  template <int32_t StepA, int32_t StepB>
  void add(const int16_t* a, const int8_t* b, index_t n) noexcept {
    if (StepB == 1)
      plus(kernel::detail::dot48(a, static_cast<uint16_t>(StepA * 2), b, n, 0));
    else
      plus(sum_of_run<StepA, StepB, int64_t>(a, b, n));
  }
  wide value() const noexcept {
    return static_cast<int64_t>(static_cast<uint64_t>(static_cast<uint16_t>(sum.high)) << 48 |
                                static_cast<uint64_t>(sum.low) << 16) >>
           16;
  }
  template <uint8_t Shift>
  int16_t nearest() const noexcept {
    return kernel::detail::rounded<Shift>(sum);
  }

 private:
  void plus(kernel::detail::sum48 more) noexcept {
    sum.low += more.low;
    sum.high = static_cast<int16_t>(sum.high + more.high + (sum.low < more.low ? 1 : 0));
  }
  void plus(int64_t more) noexcept {
    const kernel::detail::sum48 parts = {static_cast<uint32_t>(more), static_cast<int16_t>(more >> 32)};
    plus(parts);
  }
};
template <class B, uint32_t Terms>
struct exact_sum<int16_t, B, Terms, kernel::avr> : exact_sum48 {};
#endif

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
