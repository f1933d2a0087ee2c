// SPDX-License-Identifier: MIT
// Start-up code for Cortex-M0, M3 and M4, without a C run-time: vectors, memory, main.
#include "cortex_m.hpp"

#include <stddef.h>
#include <string.h>

#include "board.hpp"

// By cortex_m.ld. Words of no size of their own: only their addresses mean something.
extern "C" {
extern uint32_t board_data_in_flash[], board_data[], board_data_end[];
extern uint32_t board_bss[], board_bss_end[];
extern uint32_t board_stack_top[];

int main();

void fault_handler() { board::stop(99); }  // and whatever else nobody expects
void systick_handler() __attribute__((weak, alias("fault_handler")));
void timer0_handler() __attribute__((weak, alias("fault_handler")));
void uart0_handler() __attribute__((weak, alias("fault_handler")));
void usart1_handler() __attribute__((weak, alias("fault_handler")));

// The C library's functions report errors here; its own errno brings a kilobyte of RAM along.
int* __errno() {
  static int error;
  return &error;
}
}

namespace {

const uint32_t paint = 0xc5c5c5c5;

}  // namespace

extern "C" __attribute__((used, noreturn)) void board_start() {
#if defined(__ARM_FP)
  board::reg(0xe000ed88) |= 0xf << 20;  // the floating-point unit is off after a reset
  __asm__ volatile("dsb\n isb" ::: "memory");
#endif
  uint32_t* p = board_data;
  for (const uint32_t* from = board_data_in_flash; p < board_data_end;) *p++ = *from++;
  for (p = board_bss; p < board_bss_end;) *p++ = 0;
  const uint32_t* const here = static_cast<const uint32_t*>(__builtin_frame_address(0)) - 16;  // our own frame
  for (volatile uint32_t* free = board_bss_end; free < here;) *free++ = paint;
  main();
  board::stop(0);
}

namespace {

typedef void (*handler)();
struct vector_table {
  uint32_t* stack_top;
  handler exceptions[15];
  handler interrupts[38];
};

__attribute__((used, section(".vectors"))) const vector_table vectors = {
    board_stack_top,
    {board_start, fault_handler, fault_handler, fault_handler, fault_handler, fault_handler, nullptr, nullptr, nullptr,
     nullptr, fault_handler, fault_handler, nullptr, fault_handler, systick_handler},
    {fault_handler, fault_handler,  uart0_handler, fault_handler, fault_handler, fault_handler, fault_handler,
     fault_handler, timer0_handler, fault_handler, fault_handler, fault_handler, fault_handler, fault_handler,
     fault_handler, fault_handler,  fault_handler, fault_handler, fault_handler, fault_handler, fault_handler,
     fault_handler, fault_handler,  fault_handler, fault_handler, fault_handler, fault_handler, fault_handler,
     fault_handler, fault_handler,  fault_handler, fault_handler, fault_handler, fault_handler, fault_handler,
     fault_handler, fault_handler,  usart1_handler}};

}  // namespace

namespace board {

ring received;
volatile uint32_t clock_ms;

int read() { return received.get(); }
uint32_t milliseconds() { return clock_ms; }

void idle() {
  __asm__ volatile("cpsid i" ::: "memory");
  if (received.empty()) __asm__ volatile("dsb\n wfi" ::: "memory");  // a pending interrupt wakes it, masked or not
  __asm__ volatile("cpsie i\n isb" ::: "memory");
}

void stop(uint8_t code) {
  // Semihosting's SYS_EXIT_EXTENDED: "the application ended", and its exit code. No debugger: it faults, and stays here.
  static uint32_t end[2];
  end[0] = 0x20026;
  end[1] = code;
  register uint32_t operation __asm__("r0") = 0x20;
  register uint32_t* parameters __asm__("r1") = end;
  for (;;) __asm__ volatile("bkpt 0xab" : "+r"(operation) : "r"(parameters) : "memory");
}

size_t stack_peak() {
  const volatile uint32_t* p = board_bss_end;
  while (p < board_stack_top && *p == paint) ++p;
  return static_cast<size_t>(board_stack_top - p) * sizeof *p;
}

}  // namespace board
