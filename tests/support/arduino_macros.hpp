// SPDX-License-Identifier: MIT
// The macros that a sketch has defined before it includes us: those of Arduino.h 1.8.7 for AVR, binary.h, Print.h,
// WString.h and HardwareSerial.h, as they read there where that matters. A header that compiles after these uses
// none of their names. Like Arduino.h this comes after the C headers, which could not bear them either.
#pragma once

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// ---- Arduino.h
#define HIGH 0x1
#define LOW 0x0
#define INPUT 0x0
#define OUTPUT 0x1
#define INPUT_PULLUP 0x2
#define HALF_PI 1.5707963267948966192313216916398
#define TWO_PI 6.283185307179586476925286766559
#define DEG_TO_RAD 0.017453292519943295769236907684886
#define RAD_TO_DEG 57.295779513082320876798154814105
#define EULER 2.718281828459045235360287471352
#define SERIAL 0x0
#define DISPLAY 0x1
#define LSBFIRST 0
#define MSBFIRST 1
#define CHANGE 1
#define FALLING 2
#define RISING 3
#define DEFAULT 1
#define EXTERNAL 0
#define INTERNAL 3
#define INTERNAL1V1 2
#define INTERNAL2V56 3
#ifdef abs
#  undef abs
#endif
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#define abs(x) ((x) > 0 ? (x) : -(x))
#define constrain(amt, low, high) ((amt) < (low) ? (low) : ((amt) > (high) ? (high) : (amt)))
#define round(x) ((x) >= 0 ? (long)((x) + 0.5) : (long)((x)-0.5))
#define radians(deg) ((deg)*DEG_TO_RAD)
#define degrees(rad) ((rad)*RAD_TO_DEG)
#define sq(x) ((x) * (x))
#define interrupts() sei()
#define noInterrupts() cli()
#define clockCyclesPerMicrosecond() (F_CPU / 1000000L)
#define clockCyclesToMicroseconds(a) ((a) / clockCyclesPerMicrosecond())
#define microsecondsToClockCycles(a) ((a)*clockCyclesPerMicrosecond())
#define lowByte(w) ((uint8_t)((w)&0xff))
#define highByte(w) ((uint8_t)((w) >> 8))
#define bitRead(value, bit) (((value) >> (bit)) & 0x01)
#define bitSet(value, bit) ((value) |= (1UL << (bit)))
#define bitClear(value, bit) ((value) &= ~(1UL << (bit)))
#define bitToggle(value, bit) ((value) ^= (1UL << (bit)))
#define bitWrite(value, bit, bitvalue) ((bitvalue) ? bitSet(value, bit) : bitClear(value, bit))
#define _NOP() do {} while (0)
#define bit(b) (1UL << (b))
#define word(...) makeWord(__VA_ARGS__)
#define digitalPinToPort(P) (P)
#define digitalPinToBitMask(P) (P)
#define digitalPinToTimer(P) (P)
#define digitalPinToInterrupt(P) (P)
#define analogInPinToBit(P) (P)
#define portOutputRegister(P) (P)
#define portInputRegister(P) (P)
#define portModeRegister(P) (P)
#define NOT_A_PIN 0
#define NOT_A_PORT 0
#define NOT_AN_INTERRUPT -1
#define NOT_ON_TIMER 0
#define TIMER0A 1
#define TIMER0B 2
#define TIMER1A 3
#define TIMER1B 4
#define TIMER1C 5
#define TIMER2 6
#define TIMER2A 7
#define TIMER2B 8
#define TIMER3A 9
#define TIMER3B 10
#define TIMER3C 11
#define TIMER4A 12
#define TIMER4B 13
#define TIMER4C 14
#define TIMER4D 15
#define TIMER5A 16
#define TIMER5B 17
#define TIMER5C 18

// ---- Print.h, Stream.h, WString.h, HardwareSerial.h, pins_arduino.h, avr/pgmspace.h, util/delay.h
#define DEC 10
#define HEX 16
#define OCT 8
#define BIN 2
#define NO_IGNORE_CHAR '\x01'
#define F(string_literal) (reinterpret_cast<const __FlashStringHelper*>(PSTR(string_literal)))
#define PSTR(s) (s)
#define PROGMEM
#define F_CPU 16000000L
#define ARDUINO 10819
#define SERIAL_TX_BUFFER_SIZE 64
#define SERIAL_RX_BUFFER_SIZE 64
#define SERIAL_8N1 0x06
#define HAVE_HWSERIAL0
#define LED_BUILTIN 13
#define NUM_DIGITAL_PINS 70
#define NUM_ANALOG_INPUTS 16
#define _BV(bit) (1 << (bit))
#if !defined(__AVR__)  // there the real ones are in the way
#define cli()
#define sei()
#define ISR(vector, ...) extern "C" void vector(void)
#define SIGNAL(vector) extern "C" void vector(void)

// ---- avr/io.h: what is short or a plain word among the registers and bits of the ATmega2560
#define SP 0x3D
#define SREG 0x3F
#define ADC 0x78
#define EEAR 0x41
#define SPDR 0x4E
#define UDR0 0xC6
#define PE 2
#define INT0 0
#define INT1 1
#define TOV0 0
#define RAMEND 0x21FF
#define XRAMEND 0xFFFF
#define FLASHEND 0x3FFFF
#define E2END 0xFFF
#endif

// ---- ctype.h of newlib, which the cores for ARM and Xtensa include
#define _U 01
#define _L 02
#define _N 04
#define _S 010
#define _P 020
#define _C 040
#define _X 0100
#define _B 0200

// ---- binary.h: B0, B00 ... B11111111, of which nobody would take the long ones for a name
#define B0 0
#define B00 0
#define B000 0
#define B00000000 0
#define B1 1
#define B01 1
#define B001 1
#define B10 2
#define B010 2
#define B11 3
#define B011 3
#define B100 4
#define B101 5
#define B110 6
#define B111 7
#define B11111111 255
