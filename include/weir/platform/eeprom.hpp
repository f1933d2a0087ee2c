// SPDX-License-Identifier: MIT
#pragma once

#include <weir/core/span.hpp>

#if defined(__AVR__)
#  include <avr/eeprom.h>
#  include <avr/io.h>
#endif

#if defined(__AVR__) && defined(E2END) && E2END > 0
namespace weir {
inline namespace WEIR_ABI {

/// An AVR's EEPROM, or Size bytes of it from First on, as a storage: 4,096 bytes on a Mega, 1,024 on an Uno. A byte takes
/// 3.3 ms and about 100,000 writes, so bytes that are there already are not written, and one is written at a time: write()
/// starts it and does not wait. read() waits for a write under way. Takes no RAM. Switch the brown-out detector on: while
/// the voltage falls, a write may hit another address.
template <size_t First = 0, size_t Size = E2END + 1u - First>
class basic_eeprom {
  static_assert(First <= E2END && Size <= E2END + 1u - First, "weir: the chip's EEPROM is smaller than that");

 public:
  static constexpr size_t size() noexcept { return Size; }

  static void read(size_t offset, bytes into) noexcept { eeprom_read_block(into.data(), address(offset), into.size()); }
  static size_t write(size_t offset, const_bytes from) noexcept {
    for (size_t i = 0; i < from.size(); ++i) {
      if (!done()) return i;
      uint8_t* const at = address(offset + i);
      if (eeprom_read_byte(at) != from[i]) eeprom_write_byte(at, from[i]);
    }
    return from.size();
  }
  static bool done() noexcept { return eeprom_is_ready(); }

 private:
  static uint8_t* address(size_t offset) noexcept { return reinterpret_cast<uint8_t*>(First + offset); }
};

typedef basic_eeprom<> eeprom;

}  // namespace WEIR_ABI
}  // namespace weir
#endif
