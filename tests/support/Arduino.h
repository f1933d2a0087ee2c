// SPDX-License-Identifier: MIT
// A stand-in for Arduino.h on a host: its macros, and of its classes as much as our headers name.
#pragma once

#include "arduino_macros.hpp"

typedef bool boolean;
typedef uint8_t byte;

unsigned long millis();
unsigned long micros();
void delay(unsigned long ms);

class Print {
 public:
  virtual ~Print() {}
  virtual size_t write(uint8_t value) = 0;
  virtual size_t write(const uint8_t* bytes, size_t n) = 0;
  virtual int availableForWrite() { return 0; }
  virtual void flush() {}
};

class Stream : public Print {
 public:
  virtual int available() = 0;
  virtual int read() = 0;
  virtual int peek() = 0;
};

class HardwareSerial : public Stream {
 public:
  void begin(unsigned long baud);
  void end();
  size_t write(uint8_t value) override;
  size_t write(const uint8_t* bytes, size_t n) override;
  int available() override;
  int read() override;
  int peek() override;
};
extern HardwareSerial Serial;
