// SPDX-License-Identifier: MIT
// Text for a board's line, a byte at a time.
#pragma once

#include "board/board.hpp"

namespace printing {

inline void put(char c) {
  while (!board::write(static_cast<uint8_t>(c))) {
  }
}
inline void put(const char* text) {
  while (*text != '\0') put(*text++);
}
inline void put_hex(uint8_t b) {
  const uint8_t digits[2] = {static_cast<uint8_t>(b >> 4), static_cast<uint8_t>(b & 15)};
  for (uint8_t d : digits) put(static_cast<char>(d < 10 ? '0' + d : 'a' - 10 + d));
}
inline void put_number(uint32_t v) {
  char digits[10];
  uint8_t n = 0;
  do {
    digits[n++] = static_cast<char>('0' + v % 10);
    v /= 10;
  } while (v != 0);
  while (n != 0) put(digits[--n]);
}
inline void line(const char* name, uint32_t v) {
  put(name);
  put_number(v);
  put('\n');
}

}  // namespace printing
