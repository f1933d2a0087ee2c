// SPDX-License-Identifier: MIT
// nRF51822, a Cortex-M0 (qemu -M microbit): UART, and timer 0 on its 16 MHz clock. It has no SysTick.
#include "board.hpp"
#include "cortex_m.hpp"

namespace board {
namespace {

const uint32_t uart = 0x40002000;
const uint32_t start_rx = uart + 0x000, start_tx = uart + 0x008;
const uint32_t rx_ready = uart + 0x108, tx_ready = uart + 0x11c;
const uint32_t interrupts = uart + 0x304, enable = uart + 0x500, rxd = uart + 0x518, txd = uart + 0x51c,
               baud = uart + 0x524;

const uint32_t timer = 0x40008000;
const uint32_t compared = timer + 0x140;

bool sending;

}  // namespace

void begin() {
  reg(baud) = 0x01d7e000;  // 115,200
  reg(enable) = 4;
  reg(interrupts) = 1 << 2;  // a byte has come
  reg(start_tx) = 1;
  reg(start_rx) = 1;

  reg(timer + 0x508) = 3;        // 32 bits
  reg(timer + 0x510) = 4;        // 16 MHz / 2^4
  reg(timer + 0x540) = 10000;    // every 10 ms
  reg(timer + 0x200) = 1;        // from 0 again
  reg(timer + 0x304) = 1 << 16;  // and an interrupt
  reg(timer) = 1;

  enable_interrupt(2);
  enable_interrupt(8);
}

bool write(uint8_t b) {
  if (sending && reg(tx_ready) == 0) return false;
  reg(tx_ready) = 0;
  reg(txd) = b;
  sending = true;
  return true;
}

}  // namespace board

void uart0_handler() {
  while (board::reg(board::rx_ready) != 0) {
    board::reg(board::rx_ready) = 0;
    board::received.put(static_cast<uint8_t>(board::reg(board::rxd)));
  }
}

void timer0_handler() {
  board::reg(board::compared) = 0;
  board::clock_ms = board::clock_ms + 10;
}
