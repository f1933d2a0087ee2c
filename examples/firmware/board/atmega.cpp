// SPDX-License-Identifier: MIT
// ATmega2560 and ATmega328P at 16 MHz, on avr-libc's start-up code: UART0 at 115,200 baud, timer 1.
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>

#include "board.hpp"
#include "ring.hpp"

#if defined(USART0_RX_vect)
#  define BOARD_RECEIVED USART0_RX_vect
#else
#  define BOARD_RECEIVED USART_RX_vect
#endif

extern "C" uint8_t __heap_start;  // by the linker: behind .data and .bss; the stack grows down to it

namespace {

const uint8_t paint = 0xc5;

board::ring received;
volatile uint32_t clock_ms;

}  // namespace

ISR(BOARD_RECEIVED) { received.put(UDR0); }
ISR(TIMER1_COMPA_vect) { clock_ms = clock_ms + 10; }

// Paints what is free for the stack, before anything stands on it: .init3 follows the setting of the stack pointer.
extern "C" void board_paint_stack() __attribute__((naked, used, section(".init3")));
void board_paint_stack() {
  __asm__ volatile(
      "    ldi r30, lo8(__heap_start)\n"
      "    ldi r31, hi8(__heap_start)\n"
      "    in r26, __SP_L__\n"
      "    in r27, __SP_H__\n"
      "    ldi r24, 0xc5\n"  // paint
      "1:  st Z+, r24\n"
      "    cp r26, r30\n"
      "    cpc r27, r31\n"
      "    brsh 1b\n");
}

namespace board {

void begin() {
  UCSR0A = _BV(U2X0);
  UBRR0 = 16;  // 16 MHz / 8 / 17: 117,647 baud, 2.1 % fast, as Arduino has it
  UCSR0C = _BV(UCSZ01) | _BV(UCSZ00);
  UCSR0B = _BV(RXEN0) | _BV(TXEN0) | _BV(RXCIE0);
  TCCR1B = _BV(WGM12) | _BV(CS11) | _BV(CS10);
  OCR1A = 2499;  // 16 MHz / 64 / 2500: every 10 ms
  TIMSK1 = _BV(OCIE1A);
  set_sleep_mode(SLEEP_MODE_IDLE);
  sei();
}

int read() { return received.get(); }

bool write(uint8_t b) {
  if ((UCSR0A & _BV(UDRE0)) == 0) return false;
  UDR0 = b;
  return true;
}

uint32_t milliseconds() {
  for (;;) {  // four bytes, and an interrupt may change them meanwhile
    const uint32_t now = clock_ms;
    if (now == clock_ms) return now;
  }
}

void idle() {
  cli();
  if (!received.empty()) {
    sei();
    return;
  }
  sleep_enable();
  sei();  // takes effect after the next instruction: no interrupt slips in between
  sleep_cpu();
  sleep_disable();
}

void stop(uint8_t code) {
  for (const uint32_t now = milliseconds(); milliseconds() - now < 20;) idle();  // the last byte leaves
  cli();
  GPIOR0 = code;
  sleep_enable();
  for (;;) sleep_cpu();  // asleep, and deaf: the simulator ends
}

size_t stack_peak() {
  const volatile uint8_t* p = &__heap_start;
  while (*p == paint) ++p;
  return static_cast<size_t>(reinterpret_cast<const volatile uint8_t*>(RAMEND) - p) + 1;
}

}  // namespace board
