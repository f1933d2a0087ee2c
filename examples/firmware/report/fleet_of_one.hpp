// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "support/child.hpp"

namespace firmware_report {

/// A coordinator with one worker, as it serves an example: it waits for nobody else.
class fleet_of_one {
 public:
  virtual ~fleet_of_one() = default;
  /// So many rounds more; `losing` every second broadcast, so that the device has to ask for it, and of packets each fourth.
  /// Throws std::runtime_error
  /// if the device ends, or is not that far at `limit`.
  virtual void serve(support::child& device, int rounds, bool losing, std::chrono::steady_clock::time_point limit) = 0;
  /// Of the test rows, in percent.
  virtual double accuracy() const = 0;
};

/// net: digits, quarter, conv1d or gru; number: int16 or int16r8; rank: the worker's; packet: 51, or 0 for a byte stream. Throws
/// support::bad_input.
std::unique_ptr<fleet_of_one> make_fleet_of_one(const std::string& net, const std::string& number, std::uint16_t rank,
                                                std::size_t packet);

}  // namespace firmware_report
