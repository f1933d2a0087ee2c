// SPDX-License-Identifier: MIT
// How much stack a program on qemu has used: its start-up code painted it, and qemu's monitor writes the RAM to a file.
#pragma once

#include <optional>
#include <string>

#include "program.hpp"

namespace firmware_report {

/// A program on qemu, with a monitor. Ends with this object.
class emulator {
 public:
  /// `dump`: a file for the RAM. Throws std::runtime_error.
  emulator(const program& p, const std::string& elf, const std::string& dump);
  ~emulator();
  emulator(const emulator&) = delete;
  emulator& operator=(const emulator&) = delete;

  support::child& device() { return *device_; }
  /// Ends the program; returns the bytes of the stack that have been written.
  std::uint32_t stop(std::chrono::steady_clock::time_point limit);

 private:
  int monitor_ = -1;
  std::string dump_;
  std::uint32_t low_ = 0, high_ = 0;  // what the stack may take
  std::optional<support::child> device_;
};

}  // namespace firmware_report
