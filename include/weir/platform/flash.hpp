// SPDX-License-Identifier: MIT
// Tables in program memory, which on AVR is another memory with its own addresses: a pointer into it reads rubbish.
//
//   constexpr weir::flash_table<uint8_t, 3> primes WEIR_FLASH = {{2, 3, 5}};  // constexpr: nothing can be filled in later
//   primes[1];  // 3, on every machine
#pragma once

#include <string.h>

#include <weir/core/span.hpp>
#if defined(__AVR__)
#  include <avr/pgmspace.h>
#endif

/// Behind the name of a constant of namespace scope: keeps it out of an AVR's RAM (an ESP8266 copies constants to RAM all
/// the same). By section, because clang ignores PROGMEM; and not for a template's static member, whose section gcc drops.
#if defined(__AVR__)
#  define WEIR_FLASH __attribute__((section(".progmem.weir")))
#else
#  define WEIR_FLASH
#endif

namespace weir {
inline namespace WEIR_ABI {

namespace detail {

/// Something that stands in program memory. It converts from a value, so that the compiler fills tables, but not to one:
/// there is no reading it but by a table's functions, on a host too.
template <class T>
struct flash_cell {
  constexpr flash_cell(T v) noexcept : stored(v) {}
  T stored;
};

template <class T>
void read_flash(const flash_cell<T>* from, T* to, index_t n) noexcept {
#if defined(__AVR__)
  memcpy_P(to, from, n * sizeof(T));
#else
  memcpy(to, from, n * sizeof(T));
#endif
}
template <class T>
T read_flash(const flash_cell<T>* from) noexcept {
#if defined(__AVR__)
  uint8_t raw[sizeof(T)];
  for (uint8_t k = 0; k < sizeof(T); ++k) raw[k] = pgm_read_byte(reinterpret_cast<const uint8_t*>(from) + k);
  T value;
  memcpy(&value, raw, sizeof value);
  return value;
#else
  return from->stored;
#endif
}

}  // namespace detail

/// N constants of a plain type in program memory: declare it WEIR_FLASH, and pass it by reference, never by value. Reading
/// takes three cycles a byte on AVR, where all tables of a program together may have 64 KB.
template <class T, index_t N>
struct flash_table {
  static_assert(static_cast<uint32_t>(N) * sizeof(T) < 65536UL || sizeof(void*) > 2,
                "weir: a flash table has less than 64 KB: a 16-bit pointer reaches no farther");

  typedef T value_type;
  static constexpr index_t size() noexcept { return N; }

  /// The i-th constant, i < N.
  T operator[](index_t i) const noexcept { return detail::read_flash(in_flash_ + i); }

  /// Copies n constants from the i-th on; i + n <= N.
  void read(index_t i, T* to, index_t n) const noexcept { detail::read_flash(in_flash_ + i, to, n); }

  detail::flash_cell<T> in_flash_[N];  // public only because a braced list must fill it
};

}  // namespace WEIR_ABI
}  // namespace weir
