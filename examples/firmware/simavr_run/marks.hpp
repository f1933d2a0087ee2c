// SPDX-License-Identifier: MIT
// For firmware that runs under simavr_run: says where a piece of work begins and ends, and with which code the run ends.
// On a chip outside the simulator these are writes to registers that nobody reads: a cycle or two.
#pragma once

#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#include <stdint.h>

/// A measure begins; id is 1 to 255. Measures may be nested: unmark() ends the one that began last. What lies between is
/// counted in cycles, interrupts included; nothing between counts 1.
inline void mark(uint8_t id) {
  __asm__ volatile("" ::: "memory");  // work that begins later does not begin before
  GPIOR1 = id;
  __asm__ volatile("" ::: "memory");
}

inline void unmark() {
  __asm__ volatile("" ::: "memory");
  GPIOR1 = 0;
  __asm__ volatile("" ::: "memory");
}

/// Ends the run; `code` is the exit code of simavr_run. What was given to the UART's data register has been printed, what
/// still waits in a buffer of the firmware is lost. On a real chip: sleeps until reset.
__attribute__((noreturn)) inline void stop_simulation(uint8_t code) {
  cli();
  GPIOR0 = code;
  sleep_enable();
  for (;;) sleep_cpu();
}
