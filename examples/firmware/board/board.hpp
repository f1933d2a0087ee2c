// SPDX-License-Identifier: MIT
// What a program needs of the machine it runs on: a serial line, a clock, an end. One source file for each kind of machine
// implements it, start-up code included; cmake/firmware_targets.cmake says which.
//
// The emulators need neither clock trees nor pins to be set up, so this code does without. A real board's start-up code does
// that before begin().
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace board {

/// Line and clock start. Once, first of all.
void begin();

/// The next byte that has arrived, or -1: none yet. Bytes gather in a ring, by interrupt; what it has no room for is lost.
int read();
/// Gives a byte to the line; false: it is busy with the last one.
bool write(uint8_t b);

/// Since begin(), in steps of 10 ms; wraps.
uint32_t milliseconds();
/// Sleeps until a byte arrives, which may have happened already, or the clock ticks.
void idle();

/// Ends the program, and so the emulator; 0 means that all went well.
[[noreturn]] void stop(uint8_t code);

/// Bytes of stack that have been in use at some time: the start-up code painted it.
size_t stack_peak();

/// For weir::byte_stream.
struct port {
  static int read() { return board::read(); }
  static bool write(uint8_t b) { return board::write(b); }
};

}  // namespace board
