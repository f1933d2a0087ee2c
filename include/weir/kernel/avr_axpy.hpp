// SPDX-License-Identifier: MIT
// axpy for AVR: rows of 8 or 16 bits into cells of 16.
#pragma once

#include <weir/kernel/axpy.hpp>

#if WEIR_HAS_AVR_MUL

namespace weir {
inline namespace WEIR_ABI {
namespace kernel {
namespace detail {

// Both loops end alike: %A[y] %B[y] %[top] is the cell in 24 bits. Outside of [-32767, 32767] it goes to the nearer end
// and counts.
#  define WEIR_AVR_STORE_SATURATED   \
    "mov r0, %B[y]\n\t"              \
    "lsl r0\n\t"                     \
    "sbc r0, r0\n\t"                 \
    "cp r0, %[top]\n\t"              \
    "brne 3f\n\t"                    \
    "cpi %B[y], 0x80\n\t"            \
    "brne 4f\n\t"                    \
    "tst %A[y]\n\t"                  \
    "brne 4f\n"                      \
    "3: ldi %A[y], 0xff\n\t"         \
    "ldi %B[y], 0x7f\n\t"            \
    "sbrs %[top], 7\n\t"             \
    "rjmp 5f\n\t"                    \
    "ldi %A[y], 0x01\n\t"            \
    "ldi %B[y], 0x80\n"              \
    "5: sec\n\t"                     \
    "adc %A[saturated], %[zero]\n\t" \
    "adc %B[saturated], %[zero]\n"   \
    "4: st Z+, %A[y]\n\t"            \
    "st Z+, %B[y]\n"

/// y[i] += (units * x[i] + 2^7) / 2^8 for units of 24 bits. 45 cycles for each cell, 12 where x is zero.
__attribute__((noinline)) inline uint16_t axpy24(int32_t units, const int8_t* x, int16_t* to, uint16_t n) noexcept {
  uint16_t saturated = 0;
  if (n == 0) return saturated;
  const uint16_t low = static_cast<uint16_t>(units & 0xffff);
  const int8_t high = static_cast<int8_t>(units >> 16);
  uint16_t y;
  uint8_t top, sign, zero;
  int8_t b;
  asm volatile(
      "clr %[zero]\n"
      "1: ld %[b], X+\n\t"
      "tst %[b]\n\t"
      "brne 6f\n\t"
      "adiw r30, 2\n\t"
      "rjmp 2f\n"
      "6: ld %A[y], Z\n\t"
      "ldd %B[y], Z+1\n\t"
      "mov %[top], %B[y]\n\t"
      "lsl %[top]\n\t"
      "sbc %[top], %[top]\n\t"
      "mulsu %[b], %A[low]\n\t"
      "sbc %[sign], %[sign]\n\t"
      "lsl r0\n\t"  // the carry rounds
      "adc %A[y], r1\n\t"
      "adc %B[y], %[sign]\n\t"
      "adc %[top], %[sign]\n\t"
      "mulsu %[b], %B[low]\n\t"
      "sbc %[sign], %[sign]\n\t"
      "add %A[y], r0\n\t"
      "adc %B[y], r1\n\t"
      "adc %[top], %[sign]\n\t"
      "muls %[b], %[high]\n\t"
      "add %B[y], r0\n\t"
      "adc %[top], r1\n\t" WEIR_AVR_STORE_SATURATED
      "2: sbiw %[n], 1\n\t"
      "brne 1b\n\t"
      "clr __zero_reg__\n\t"
      : [saturated] "+&r"(saturated), [y] "=&d"(y), [top] "=&r"(top), [sign] "=&r"(sign), [b] "=&a"(b),
        [zero] "=&r"(zero), "+&x"(x), "+&z"(to), [n] "+&w"(n)
      : [low] "a"(low), [high] "a"(high)
      : "r0", "memory");
  return saturated;
}

/// y[i] += (units * x[i] + 2^15) / 2^16 for units of 24 bits. 62 cycles for each cell, 14 where x is zero.
__attribute__((noinline)) inline uint16_t axpy24(int32_t units, const int16_t* x, int16_t* to, uint16_t n) noexcept {
  uint16_t saturated = 0;
  if (n == 0) return saturated;
  const uint16_t low = static_cast<uint16_t>(units & 0xffff);
  const int8_t high = static_cast<int8_t>(units >> 16);
  uint16_t y, b;
  uint8_t top, sign, zero, below;
  asm volatile(
      "clr %[zero]\n"
      "1: ld %A[b], X+\n\t"
      "ld %B[b], X+\n\t"
      "mov r0, %A[b]\n\t"
      "or r0, %B[b]\n\t"
      "brne 6f\n\t"
      "adiw r30, 2\n\t"
      "rjmp 2f\n"
      "6: ld %A[y], Z\n\t"
      "ldd %B[y], Z+1\n\t"
      "mov %[top], %B[y]\n\t"
      "lsl %[top]\n\t"
      "sbc %[top], %[top]\n\t"
      "mul %A[b], %A[low]\n\t"
      "mov %[below], r1\n\t"
      "mulsu %B[b], %A[low]\n\t"
      "sbc %[sign], %[sign]\n\t"
      "add %[below], r0\n\t"
      "adc %A[y], r1\n\t"
      "adc %B[y], %[sign]\n\t"
      "adc %[top], %[sign]\n\t"
      "mul %A[b], %B[low]\n\t"
      "add %[below], r0\n\t"
      "adc %A[y], r1\n\t"
      "adc %B[y], %[zero]\n\t"
      "adc %[top], %[zero]\n\t"
      "lsl %[below]\n\t"  // the carry rounds
      "adc %A[y], %[zero]\n\t"
      "adc %B[y], %[zero]\n\t"
      "adc %[top], %[zero]\n\t"
      "mulsu %B[b], %B[low]\n\t"
      "sbc %[sign], %[sign]\n\t"
      "add %A[y], r0\n\t"
      "adc %B[y], r1\n\t"
      "adc %[top], %[sign]\n\t"
      "mulsu %[high], %A[b]\n\t"
      "sbc %[sign], %[sign]\n\t"
      "add %A[y], r0\n\t"
      "adc %B[y], r1\n\t"
      "adc %[top], %[sign]\n\t"
      "muls %B[b], %[high]\n\t"
      "add %B[y], r0\n\t"
      "adc %[top], r1\n\t" WEIR_AVR_STORE_SATURATED
      "2: sbiw %[n], 1\n\t"
      "brne 1b\n\t"
      "clr __zero_reg__\n\t"
      : [saturated] "+&r"(saturated), [y] "=&d"(y), [top] "=&r"(top), [sign] "=&r"(sign), [below] "=&r"(below),
        [b] "=&a"(b), [zero] "=&r"(zero), "+&x"(x), "+&z"(to), [n] "+&w"(n)
      : [low] "a"(low), [high] "a"(high)
      : "r0", "memory");
  return saturated;
}
#  undef WEIR_AVR_STORE_SATURATED

}  // namespace detail

template <class A, int8_t FA, int8_t FB>
index_t axpy(fixed_scale s, const fixed<A, FA>* x, fixed<int16_t, FB>* y, index_t n, avr) noexcept {
  const row_factor<A> factor(s, FA, FB);
  if (factor.units == 0) return 0;
  const index_t saturated = detail::axpy24(factor.units, &x->raw, &y->raw, n);
  return factor.clamped ? n : saturated;
}

}  // namespace kernel
}  // namespace WEIR_ABI
}  // namespace weir

#endif
