// SPDX-License-Identifier: MIT
// rounded_dot for AVR: weights of 16 bits, inputs of 16 or 8, sums of 48 bits by the hardware multiplier.
#pragma once

#include <weir/core/fixed.hpp>
#include <weir/kernel/isa.hpp>

#if WEIR_HAS_AVR_MUL

namespace weir {
inline namespace WEIR_ABI {
namespace kernel {
namespace detail {

/// high * 2^32 + low.
struct sum48 {
  uint32_t low;
  int16_t high;
};

/// sum / 2^Shift, rounded, saturated to 16 bits. What lies below is dropped by whole bytes first, so that 32 bits will do.
template <uint8_t Shift>
int16_t rounded(sum48 sum) noexcept {
  static_assert(Shift <= 16, "weir: inputs have up to 16 fraction bits");
  int32_t v = static_cast<int32_t>(sum.low);
  int16_t above = sum.high;
  if (Shift > 8) {
    v = static_cast<int32_t>((sum.low >> 8) | (static_cast<uint32_t>(sum.high) << 24));
    above = static_cast<int16_t>(sum.high >> 8);
  }
  if (above != (v < 0 ? -1 : 0)) return above < 0 ? -32767 : 32767;
  return saturate<int16_t>(round_shift<int32_t>(v, Shift > 8 ? Shift - 8 : Shift));
}

/// start + sum of m[i * stride] * x[i]; stride in bytes. 40 cycles for each product, 13 where x is zero.
__attribute__((noinline)) inline sum48 dot48(const int16_t* m, uint16_t stride, const int16_t* x, uint16_t n,
                                             int32_t start) noexcept {
  sum48 sum = {static_cast<uint32_t>(start), static_cast<int16_t>(start < 0 ? -1 : 0)};
  if (n == 0) return sum;
  uint16_t a, b, p0, p2;
  uint8_t zero;
  asm volatile(
      "clr %[zero]\n"
      "1: ld %A[b], X+\n\t"
      "ld %B[b], X+\n\t"
      "mov r0, %A[b]\n\t"
      "or r0, %B[b]\n\t"
      "breq 2f\n\t"
      "ld %A[a], Z\n\t"
      "ldd %B[a], Z+1\n\t"
      "mul %A[a], %A[b]\n\t"
      "movw %[p0], r0\n\t"
      "muls %B[a], %B[b]\n\t"
      "movw %[p2], r0\n\t"
      "mulsu %B[a], %A[b]\n\t"
      "sbc %B[p2], %[zero]\n\t"
      "add %B[p0], r0\n\t"
      "adc %A[p2], r1\n\t"
      "adc %B[p2], %[zero]\n\t"
      "mulsu %B[b], %A[a]\n\t"
      "sbc %B[p2], %[zero]\n\t"
      "add %B[p0], r0\n\t"
      "adc %A[p2], r1\n\t"
      "adc %B[p2], %[zero]\n\t"
      "mov r0, %B[p2]\n\t"
      "lsl r0\n\t"
      "sbc r0, r0\n\t"
      "add %A[low], %A[p0]\n\t"
      "adc %B[low], %B[p0]\n\t"
      "adc %C[low], %A[p2]\n\t"
      "adc %D[low], %B[p2]\n\t"
      "adc %A[high], r0\n\t"
      "adc %B[high], r0\n"
      "2: add r30, %A[stride]\n\t"
      "adc r31, %B[stride]\n\t"
      "sbiw %[n], 1\n\t"
      "brne 1b\n\t"
      "clr __zero_reg__\n\t"
      : [low] "+&r"(sum.low), [high] "+&r"(sum.high), [a] "=&a"(a), [b] "=&a"(b), [zero] "=&r"(zero), [p0] "=&r"(p0),
        [p2] "=&r"(p2), "+&z"(m), "+&x"(x), [n] "+&w"(n)
      : [stride] "r"(stride)
      : "r0", "memory");
  return sum;
}

/// The same for inputs of 8 bits: 27 cycles for each product, 12 where x is zero.
__attribute__((noinline)) inline sum48 dot48(const int16_t* m, uint16_t stride, const int8_t* x, uint16_t n,
                                             int32_t start) noexcept {
  sum48 sum = {static_cast<uint32_t>(start), static_cast<int16_t>(start < 0 ? -1 : 0)};
  if (n == 0) return sum;
  uint16_t a;
  uint8_t b, sign;
  asm volatile(
      "1: ld %[b], X+\n\t"
      "tst %[b]\n\t"
      "breq 2f\n\t"
      "ld %A[a], Z\n\t"
      "ldd %B[a], Z+1\n\t"
      "mulsu %[b], %A[a]\n\t"
      "sbc %[sign], %[sign]\n\t"
      "add %A[low], r0\n\t"
      "adc %B[low], r1\n\t"
      "adc %C[low], %[sign]\n\t"
      "adc %D[low], %[sign]\n\t"
      "adc %A[high], %[sign]\n\t"
      "muls %[b], %B[a]\n\t"
      "sbc %[sign], %[sign]\n\t"
      "add %B[low], r0\n\t"
      "adc %C[low], r1\n\t"
      "adc %D[low], %[sign]\n\t"
      "adc %A[high], %[sign]\n"
      "2: add r30, %A[stride]\n\t"
      "adc r31, %B[stride]\n\t"
      "sbiw %[n], 1\n\t"
      "brne 1b\n\t"
      "clr __zero_reg__\n\t"
      : [low] "+&r"(sum.low), [high] "+&r"(sum.high), [a] "=&a"(a), [b] "=&a"(b), [sign] "=&r"(sign), "+&z"(m),
        "+&x"(x), [n] "+&w"(n)
      : [stride] "r"(stride)
      : "r0", "memory");
  sum.high = static_cast<int8_t>(sum.high & 0xff);  // 2^16 products of 23 bits fit 40
  return sum;
}

}  // namespace detail

template <int8_t FA, class B, int8_t FB>
__attribute__((noinline)) fixed<int16_t, FA> rounded_dot(const fixed<int16_t, FA>* m, index_t stride,
                                                         const fixed<B, FB>* x, index_t n, fixed<int16_t, FA> bias,
                                                         avr) noexcept {
  const int32_t start = static_cast<int32_t>(bias.raw) * (static_cast<int32_t>(1) << FB);
  const detail::sum48 sum = detail::dot48(&m->raw, static_cast<uint16_t>(stride * 2), &x->raw, n, start);
  return fixed<int16_t, FA>::from_raw(detail::rounded<FB>(sum));
}

}  // namespace kernel
}  // namespace WEIR_ABI
}  // namespace weir

#endif
