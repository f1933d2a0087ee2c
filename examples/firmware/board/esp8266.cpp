// SPDX-License-Identifier: MIT
// ESP8266, an Xtensa LX106 at 80 MHz: UART0, as the boot loader leaves it. Compiled only: there is no emulator, and the
// vendor's SDK has the start-up code.
#include "board.hpp"

namespace board {
namespace {

inline volatile uint32_t& reg(uint32_t address) { return *reinterpret_cast<volatile uint32_t*>(address); }

const uint32_t fifo = 0x60000000, status = 0x6000001c;  // 128 bytes each way: no ring is needed
const uint32_t cycles_of_tick = 800000;                 // 10 ms

uint32_t clock_ms;
uint32_t counted;

uint32_t cycles() {
  uint32_t c;
  __asm__ volatile("rsr %0, ccount" : "=r"(c));
  return c;
}

}  // namespace

void begin() { counted = cycles(); }

int read() { return (reg(status) & 0xff) != 0 ? static_cast<uint8_t>(reg(fifo)) : -1; }

bool write(uint8_t b) {
  if (((reg(status) >> 16) & 0xff) > 126) return false;
  reg(fifo) = b;
  return true;
}

uint32_t milliseconds() {  // to be asked every 53 seconds
  while (cycles() - counted >= cycles_of_tick) {
    counted += cycles_of_tick;
    clock_ms += 10;
  }
  return clock_ms;
}

void idle() { milliseconds(); }

void stop(uint8_t) {
  for (;;) {
  }
}

size_t stack_peak() { return 0; }  // the SDK's stack: not measured

}  // namespace board
