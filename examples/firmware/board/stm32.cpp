// SPDX-License-Identifier: MIT
// STM32F1, F2 and F4, Cortex-M3 and M4 (qemu -M stm32vldiscovery, netduino2, netduinoplus2): USART1 and SysTick.
//   BOARD_USART   address of USART1
//   BOARD_CLOCK   Hz of the core, and so of SysTick
#include "board.hpp"
#include "cortex_m.hpp"

namespace board {
namespace {

const uint32_t status = BOARD_USART, data = BOARD_USART + 4, baud = BOARD_USART + 8, control = BOARD_USART + 12;
const uint32_t received_one = 1 << 5, room = 1 << 7;  // RXNE, TXE

}  // namespace

void begin() {
  reg(baud) = BOARD_CLOCK / 115200;
  reg(control) = 1 << 13 | 1 << 5 | 1 << 3 | 1 << 2;  // on; an interrupt for each byte received; send; receive
  enable_interrupt(37);

  reg(0xe000e014) = BOARD_CLOCK / 100 - 1;  // every 10 ms
  reg(0xe000e018) = 0;
  reg(0xe000e010) = 7;  // by the core's clock, with interrupts, on
}

bool write(uint8_t b) {
  if ((reg(status) & room) == 0) return false;
  reg(data) = b;
  return true;
}

}  // namespace board

void usart1_handler() {
  while ((board::reg(board::status) & board::received_one) != 0)
    board::received.put(static_cast<uint8_t>(board::reg(board::data)));
}

void systick_handler() { board::clock_ms = board::clock_ms + 10; }
