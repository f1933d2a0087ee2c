// EXPECT: cannot convert
// SPDX-License-Identifier: MIT
// A constant in program memory, read as if it stood in RAM: on AVR that would give rubbish.
#include <weir/platform/flash.hpp>

constexpr weir::flash_table<uint8_t, 2> table WEIR_FLASH = {{1, 2}};

uint8_t read() {
#if !defined(WEIR_EXPECT_ERROR)
  return table[1];
#else
  return table.in_flash_[1];
#endif
}
