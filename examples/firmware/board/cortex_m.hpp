// SPDX-License-Identifier: MIT
// What all Cortex-M boards have in common: start-up, sleep, the end. A board's own file has the line and the clock.
#pragma once

#include <stdint.h>

#include "ring.hpp"

namespace board {

inline volatile uint32_t& reg(uint32_t address) { return *reinterpret_cast<volatile uint32_t*>(address); }

/// Lets an interrupt of the chip through to its handler.
inline void enable_interrupt(uint8_t number) { reg(0xe000e100 + number / 32 * 4) = UINT32_C(1) << (number % 32); }

extern ring received;               // filled by uart_handler
extern volatile uint32_t clock_ms;  // advanced by tick_handler

}  // namespace board

// Handlers, by name in the vector table of cortex_m.cpp; a board has those that it needs, the others stop the program.
extern "C" {
void systick_handler();
void timer0_handler();  // nRF51: interrupt 8
void uart0_handler();   // nRF51: interrupt 2
void usart1_handler();  // STM32F: interrupt 37
}
