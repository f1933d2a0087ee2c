// SPDX-License-Identifier: MIT
// A 32-bit RISC-V, machine mode only (qemu-system-riscv32 -M virt -bios none): NS16550 at 0x10000000, by way of the PLIC
// (source 10, context 0), and mtime, which counts at 10 MHz.
#include <string.h>

#include "board.hpp"
#include "ring.hpp"

// By riscv_virt.ld. Words of no size of their own: only their addresses mean something.
extern "C" {
extern uint32_t board_bss[], board_bss_end[], board_stack_top[];
int main();
}

// Memory is loaded in place. tp: picolibc's errno is thread-local.
__asm__(
    "    .section .start, \"ax\"\n"
    "    .globl board_start\n"
    "board_start:\n"
    "    .option push\n"
    "    .option norelax\n"
    "    la gp, __global_pointer$\n"
    "    .option pop\n"
    "    la sp, board_stack_top\n"
    "    la tp, board_tls\n"
    "    tail board_run\n"
    "    .text\n");

namespace {

const uint32_t paint = 0xc5c5c5c5;
const uint32_t tick = 100000;  // of mtime: 10 ms

inline volatile uint32_t& reg(uint32_t address) { return *reinterpret_cast<volatile uint32_t*>(address); }
inline volatile uint8_t& reg8(uint32_t address) { return *reinterpret_cast<volatile uint8_t*>(address); }

const uint32_t uart = 0x10000000;
const uint32_t plic = 0x0c000000;
const uint32_t claim = plic + 0x200004;
const uint32_t mtimecmp = 0x02004000, mtime = 0x0200bff8;

board::ring received;
volatile uint32_t clock_ms;

void start_tick(uint32_t low, uint32_t high) {
  reg(mtimecmp + 4) = 0xffffffff;  // not yet, while the halves do not fit together
  reg(mtimecmp) = low;
  reg(mtimecmp + 4) = high;
}

__attribute__((interrupt("machine"), aligned(4))) void trap() {
  uint32_t cause;
  __asm__ volatile("csrr %0, mcause" : "=r"(cause));
  if (cause == 0x80000007) {
    const uint32_t due = reg(mtimecmp);
    const uint32_t next = due + tick;
    start_tick(next, reg(mtimecmp + 4) + (next < due ? 1 : 0));
    clock_ms = clock_ms + 10;
  } else if (cause == 0x8000000b) {
    const uint32_t source = reg(claim);
    while ((reg8(uart + 5) & 1) != 0) received.put(reg8(uart));
    if (source != 0) reg(claim) = source;
  } else {
    board::stop(99);
  }
}

}  // namespace

extern "C" __attribute__((used, noreturn)) void board_run() {
  uint32_t* p = board_bss;
  while (p < board_bss_end) *p++ = 0;
  const uint32_t* const here = static_cast<const uint32_t*>(__builtin_frame_address(0)) - 16;  // our own frame
  for (volatile uint32_t* free = board_bss_end; free < here;) *free++ = paint;
  main();
  board::stop(0);
}

namespace board {

void begin() {
  reg8(uart + 2) = 7;  // both FIFOs, empty
  reg8(uart + 1) = 1;  // an interrupt when something has come
  reg(plic + 4 * 10) = 1;
  reg(plic + 0x2000) = 1 << 10;
  reg(plic + 0x200000) = 0;

  const uint32_t low = reg(mtime);
  const uint32_t high = reg(mtime + 4);
  start_tick(low + tick, high + (low + tick < low ? 1 : 0));
  __asm__ volatile("csrw mtvec, %0" ::"r"(trap));
  __asm__ volatile("csrw mie, %0" ::"r"(1 << 7 | 1 << 11));
  __asm__ volatile("csrsi mstatus, 8" ::: "memory");
}

int read() { return received.get(); }

bool write(uint8_t b) {
  if ((reg8(uart + 5) & 0x20) == 0) return false;
  reg8(uart) = b;
  return true;
}

uint32_t milliseconds() { return clock_ms; }

void idle() {
  __asm__ volatile("csrci mstatus, 8" ::: "memory");
  if (received.empty()) __asm__ volatile("wfi" ::: "memory");  // a pending interrupt wakes it, masked or not
  __asm__ volatile("csrsi mstatus, 8" ::: "memory");
}

void stop(uint8_t code) {
  for (;;)
    reg(0x100000) = code == 0 ? 0x5555 : static_cast<uint32_t>(code) << 16 | 0x3333;  // the machine's test device
}

size_t stack_peak() {
  const volatile uint32_t* p = board_bss_end;
  while (p < board_stack_top && *p == paint) ++p;
  return static_cast<size_t>(board_stack_top - p) * sizeof *p;
}

}  // namespace board
