// SPDX-License-Identifier: MIT
// Firmware for the tests of simavr_run: the first byte on the line says what it has to do. Bare metal, any AVR with UART0.
#include <avr/eeprom.h>
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#include <stdint.h>
#include <stdlib.h>

#include "marks.hpp"

static uint8_t variables[100];  // .bss

static uint8_t get() {
  while (!(UCSR0A & _BV(RXC0))) {
  }
  return UDR0;
}

static void put(uint8_t b) {
  while (!(UCSR0A & _BV(UDRE0))) {
  }
  UDR0 = b;
}

static void say(const char* text) {
  while (*text) put(static_cast<uint8_t>(*text++));
}

// Sends back every byte until 0xff 0xff, and is slow about each.
static void echo() {
  for (uint8_t last = 0;;) {
    const uint8_t b = get();
    for (uint16_t i = 0; i < 1000; ++i) __asm__ volatile("");
    put(b);
    if (b == 0xff && last == 0xff) return;
    last = b;
  }
}

// Sleeps for so many ticks of a timer, each 16,384 cycles.
ISR(TIMER0_OVF_vect) { ++variables[0]; }
static void doze(uint8_t ticks) {
  TIMSK0 = _BV(TOIE0);
  TCCR0B = _BV(CS01) | _BV(CS00);
  sei();
  set_sleep_mode(SLEEP_MODE_IDLE);
  for (variables[0] = 0; variables[0] < ticks;) sleep_mode();
  cli();
}

static void measure() {
  mark(1);
  unmark();
  for (uint8_t n = 1; n <= 3; ++n) {
    mark(2);
    for (uint8_t i = 0; i < n; ++i) __builtin_avr_delay_cycles(1000);
    unmark();
  }
  mark(3);
  mark(1);
  unmark();
  unmark();
}

static void remember() {
  const uint8_t runs = eeprom_read_byte(reinterpret_cast<const uint8_t*>(7));
  eeprom_write_byte(reinterpret_cast<uint8_t*>(7), static_cast<uint8_t>(runs + 1));
  eeprom_write_byte(reinterpret_cast<uint8_t*>(E2END), runs);
  eeprom_busy_wait();
  put(static_cast<uint8_t>('0' + static_cast<uint8_t>(runs + 1)));
}

// 300 bytes of stack, and what a call takes.
__attribute__((noinline)) static void deep() {
  volatile uint8_t bytes[300];
  for (uint16_t i = 0; i < sizeof bytes; ++i) bytes[i] = static_cast<uint8_t>(i);
}

int main() {
  UBRR0 = 8;  // 115,200 baud from 16 MHz
  UCSR0A = 0;
  UCSR0C = _BV(UCSZ01) | _BV(UCSZ00);
  UCSR0B = _BV(RXEN0) | _BV(TXEN0);
  // clang-format off
  switch (get()) {
    case 'e': echo(); break;
    case 's': doze(10); say("awake"); break;
    case 'z': say("z"); for (;;) doze(255);
    case 'm': measure(); break;
    case 'p': remember(); break;
    case 'd': deep(); break;
    case 'x': stop_simulation(7);
    case 'a': abort();
    case 'c': reinterpret_cast<void (*)()>(0xfffe)(); break;
    case 't': say("before\nthe end\nafter"); break;
    case 'f': for (;;) put('f');
    case 'l': for (;;) get();
    default: break;
  }
  // clang-format on
  stop_simulation(0);
}
