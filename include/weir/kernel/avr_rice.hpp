// SPDX-License-Identifier: MIT
// The Rice writer for AVR: quotient by subtraction, remainder moved to its place by the hardware multiplier.
#pragma once

#include <weir/core/bits8.hpp>
#include <weir/core/rice_code.hpp>

#if WEIR_HAS_AVR_MUL

namespace weir {
inline namespace WEIR_ABI {
namespace kernel {

/// What it works on: where the stream stands, and the code.
struct rice_stream {
  weir::detail::bit_position at;
  weir::detail::rice_code code;
};

/// Writes a gap: its quotient by code.span in unary, then its remainder, to which `tail` (0 or 1) adds bit l; code.l < 15.
/// False, and the stream stands where it stood: the quotient is 20 or more, or less than seven bytes are left, so that this
/// is for the portable writer. 82 cycles with a quotient of 0, and 11 for each one more.
inline bool put_rice(rice_stream& stream, uint16_t gap, uint8_t tail) noexcept {
  static_assert(offsetof(rice_stream, at.end) == 2 && offsetof(rice_stream, at.place) == 5 &&
                    offsetof(rice_stream, code.span) == 6 && offsetof(rice_stream, code.power) == 9,
                "weir: the assembly below knows where the members are");
  uint8_t left = 20, hold, place;
  uint16_t span;
  asm volatile(
      "ld r26, Z\n\t"
      "ldd r27, Z+1\n\t"
      "ldd %A[span], Z+2\n\t"
      "ldd %B[span], Z+3\n\t"
      "sub %A[span], r26\n\t"
      "sbc %B[span], r27\n\t"
      "cpi %A[span], 7\n\t"
      "cpc %B[span], __zero_reg__\n\t"
      "brlo 8f\n\t"
      "ldd %A[span], Z+6\n\t"
      "ldd %B[span], Z+7\n\t"
      "ldd %[hold], Z+4\n\t"
      "ldd %[place], Z+5\n"
      "2: cp %A[gap], %A[span]\n\t"
      "cpc %B[gap], %B[span]\n\t"
      "brlo 4f\n\t"
      "or %[hold], %[place]\n\t"
      "lsl %[place]\n\t"
      "brne 3f\n\t"
      "st X+, %[hold]\n\t"
      "clr %[hold]\n\t"
      "ldi %[place], 1\n"
      "3: sub %A[gap], %A[span]\n\t"
      "sbc %B[gap], %B[span]\n\t"
      "dec %[left]\n\t"
      "brne 2b\n\t"
      "rjmp 9f\n"
      "4: lsl %[place]\n\t"  // the zero
      "brne 5f\n\t"
      "st X+, %[hold]\n\t"
      "clr %[hold]\n\t"
      "ldi %[place], 1\n"
      "5: sbrc %[tail], 0\n\t"
      "or %A[gap], %A[span]\n\t"
      "sbrc %[tail], 0\n\t"
      "or %B[gap], %B[span]\n\t"
      "ldd %A[span], Z+8\n\t"  // bits
      "ldd %B[span], Z+9\n\t"  // power
      "mul %A[gap], %[place]\n\t"
      "or %[hold], r0\n\t"
      "sbrs %A[span], 3\n\t"
      "rjmp 6f\n\t"
      "st X+, %[hold]\n\t"  // bits is 8 to 15: a whole byte, and the rest
      "mov %[hold], r1\n\t"
      "mul %B[gap], %[place]\n\t"
      "or %[hold], r0\n"
      "6: mov %A[gap], r1\n\t"  // what is beyond this byte
      "mul %[place], %B[span]\n\t"
      "mov %[place], r0\n\t"
      "tst %[place]\n\t"
      "brne 7f\n\t"
      "st X+, %[hold]\n\t"
      "mov %[hold], %A[gap]\n\t"
      "mov %[place], r1\n"
      "7: st Z, r26\n\t"
      "std Z+1, r27\n\t"
      "std Z+4, %[hold]\n\t"
      "std Z+5, %[place]\n\t"
      "rjmp 9f\n"
      "8: clr %[left]\n"
      "9: clr __zero_reg__\n\t"
      : [gap] "+&r"(gap), [hold] "=&r"(hold), [place] "=&d"(place), [left] "+&r"(left), [span] "=&d"(span)
      : [tail] "r"(tail), "z"(&stream)
      : "r0", "r26", "r27", "memory");
  return left != 0;
}

}  // namespace kernel
}  // namespace WEIR_ABI
}  // namespace weir

#endif
