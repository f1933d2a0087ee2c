// SPDX-License-Identifier: MIT
// The coordinator of a model that is chosen when the program runs.
#pragma once

#include <memory>

#include <weir/weir.hpp>

#include "options.hpp"
#include "support/dataset.hpp"

namespace serving {

class aggregator {
 public:
  struct outcome {
    weir::status result;
    weir::const_bytes answer;  ///< for the sender; valid until the next call
  };

  aggregator() = default;
  aggregator(const aggregator&) = delete;
  aggregator& operator=(const aggregator&) = delete;
  virtual ~aggregator() = default;

  virtual outcome handle(weir::const_bytes datagram) = 0;
  /// Should the open round be closed? Never one that nobody was counted in: there is nothing new to say.
  virtual bool round_due(std::uint32_t now_ms) const = 0;
  /// Closes it; the broadcast is valid until the next call.
  virtual weir::const_bytes close_round(std::uint32_t now_ms) = 0;

  /// Rounds closed so far, in former lives too, modulo 65,536.
  virtual std::uint16_t rounds() const = 0;
  virtual std::uint16_t counted() const = 0;
  /// Of the last broadcast.
  virtual weir::gate_report report() const = 0;
  virtual std::uint32_t saturated() const = 0;
  /// Percent of the test rows that the fleet's weights get right.
  virtual double accuracy() = 0;
  /// CRC-32C of the fleet's weights.
  virtual std::uint32_t weights_hash() const = 0;
};

/// Throws support::bad_input if its state is of another fleet, or another process's.
std::unique_ptr<aggregator> make_aggregator(const options& o, const support::dataset& digits);

}  // namespace serving
