// SPDX-License-Identifier: MIT
// For flash.cmake: tables of each kind, which must be in program memory.
#include <weir/platform/flash.hpp>

namespace {

constexpr weir::flash_table<uint8_t, 3> table_of_bytes WEIR_FLASH = {{1, 2, 3}};
constexpr weir::flash_table<int16_t, 2> table_of_words WEIR_FLASH = {{-300, 300}};
constexpr weir::flash_table<float, 2> table_of_floats WEIR_FLASH = {{0.5f, 2.0f}};

}  // namespace

volatile uint8_t which;
volatile float sum;

int main() {
  int16_t words[2];
  table_of_words.read(0, words, 2);
  sum = static_cast<float>(table_of_bytes[which]) + static_cast<float>(words[which]) + table_of_floats[which];
}
