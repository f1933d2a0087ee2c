// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "meters.hpp"

struct avr_t;
struct avr_uart_t;
struct avr_eeprom_t;

namespace simavr_run {

/// Who holds the other end of UART0.
struct uart_peer {
  std::function<void(std::uint8_t)> sent;  ///< the device wrote a byte
  std::function<int()> next;               ///< the next byte for the device, or -1; asked at the speed of the line
};

/// An AVR with its firmware, simulated by simavr. A byte of EEPROM takes 3.4 ms to write, as in the chip.
class chip {
 public:
  enum class state { running, ended, crashed };

  /// Throws support::bad_input if there is no such chip or the ELF cannot be read or does not fit.
  chip(const std::string& elf, const std::string& mcu, std::uint32_t frequency, uart_peer peer);
  ~chip();
  chip(const chip&) = delete;
  chip& operator=(const chip&) = delete;

  /// Some instructions, or a sleep up to the next event of a timer or port, which takes no time here.
  state run();

  std::uint64_t cycles() const;
  std::uint32_t frequency() const;
  /// Cycles that the device slept since this was asked last.
  std::uint64_t slept();

  /// What the device wrote last into GPIOR0.
  int exit_code() const { return exit_code_; }
  /// Why the run crashed, in half a sentence about the program.
  const std::string& crash() const { return crash_; }
  const meters& marks() const { return marks_; }

  std::string eeprom() const;
  /// Throws support::bad_input if it has another size.
  void set_eeprom(const std::string& bytes);

  /// Code, tables and the initial values of variables.
  std::uint32_t flash_bytes() const { return flash_bytes_; }
  /// .data, .bss and .noinit.
  std::uint32_t static_bytes() const { return static_bytes_; }
  /// RAM above them.
  std::uint32_t ram_free() const;
  /// From the top of RAM to the lowest byte of that which has been written, since the last reset by a watchdog: it is
  /// painted before the start. Or to where a function has set the stack pointer, if that is lower: what it has not written
  /// the next interrupt would. Needs nothing of the firmware. A heap would count as stack.
  std::uint32_t stack_peak() const;

 private:
  struct reset_hook;

  void load(const std::string& elf, std::uint32_t frequency);
  void find_ports();
  void prepare();
  void stack_pointer_set(std::uint8_t low);
  state crashed(const char* why);
  std::uint64_t feed_uart();

  avr_t* avr_ = nullptr;
  avr_uart_t* uart_ = nullptr;
  avr_eeprom_t* eeprom_ = nullptr;
  std::unique_ptr<reset_hook> hook_;
  void (*write_eecr_)(avr_t*, std::uint16_t, std::uint8_t, void*) = nullptr;
  uart_peer peer_;
  meters marks_;
  std::string crash_;
  std::uint64_t slept_ = 0;
  std::uint32_t flash_bytes_ = 0, static_bytes_ = 0;
  std::uint16_t lowest_sp_ = 0;
  int exit_code_ = 0;
  bool eeprom_busy_ = false;
};

}  // namespace simavr_run
