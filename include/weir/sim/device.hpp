// SPDX-License-Identifier: MIT
// Devices, as a simulation has them (C++17). Not part of the umbrella.
#pragma once

#include <cstdint>
#include <limits>

#include <weir/sim/channel.hpp>
#include <weir/sim/link.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace sim {

constexpr double never() { return std::numeric_limits<double>::infinity(); }

/// A kind of device: what it computes with, how it is linked, and what happens to it.
struct device_kind {
  sim::link link;

  double step_seconds = 0.1;     ///< of a training step
  double step_spread = 0;        ///< each step takes up to so much of that more or less, in [0, 1); uniform
  std::uint16_t most_steps = 0;  ///< from one broadcast to the next, then it waits; 0: it trains on and on
  /// Takes what arrives in the midst of a step, and sends then, too (it has an operating system, or a second processor); else
  /// what arrives waits for the end of the step, as in a loop of train() and poll().
  bool concurrent = false;

  /// Switched on at some time in between, each device at its own; at on_from, if that is the later one.
  double on_from = 0, on_until = 0;
  /// In the same way silent for good.
  double off_from = never(), off_until = 0;
  double life_seconds = 0;  ///< mean time until a reset, exponential; 0: there are none
  /// Or a chance of one in each round, at any time of it (if it takes as long as the last).
  double resets_per_round = 0;
  double boot_seconds = 1;  ///< from a reset until it works again
  bool saves = true;        ///< it has a memory that outlasts a reset: Worker::saved_bytes() of it

  /// Its clock is at most so much too fast or too slow, in parts per million; it starts anywhere.
  double clock_ppm = 0;
  /// worker::set_resend_ms; 0: as the worker has it.
  std::uint16_t resend_ms = 0;
  /// Its clock stands still: it sends nothing twice, however long an answer takes. Only where nothing gets lost.
  bool patient = false;

  bool possible() const {
    return link.up.possible() && link.down.possible() && step_seconds >= 0 && (step_seconds > 0 || most_steps > 0) &&
           step_spread >= 0 && step_spread < 1 && on_from >= 0 && off_from >= 0 && life_seconds >= 0 &&
           resets_per_round >= 0 && resets_per_round <= 1 && boot_seconds >= 0 && clock_ppm >= 0 && clock_ppm < 1e6;
  }
};

/// What a device has done. What a trunk has lost or damaged is counted in lost_ and damaged_, too; of what goes down, only
/// what has left the trunk is counted as sent.
struct device_counters {
  std::uint64_t bytes_up = 0, bytes_down = 0;      ///< sent, what got lost included, what the link itself adds not
  std::uint32_t frames_up = 0, frames_down = 0;    ///< sent
  std::uint32_t lost_up = 0, lost_down = 0;        ///< of these: dropped, lost on the way, or cut short by a reset
  std::uint32_t damaged_up = 0, damaged_down = 0;  ///< of these
  std::uint32_t refused_up = 0, refused_down = 0;  ///< arrived, and were said to be damaged, foreign, malformed
  std::uint32_t updates = 0;                       ///< counted by the coordinator
  std::uint32_t in_time = 0;                       ///< of these, in the round that they were made for
  std::uint32_t steps = 0;
  std::uint32_t resets = 0;
  double most_behind = 0;  ///< seconds by which its datagrams down waited for one another, and were sent

  void add(const device_counters& o) {
    bytes_up += o.bytes_up;
    bytes_down += o.bytes_down;
    frames_up += o.frames_up;
    frames_down += o.frames_down;
    lost_up += o.lost_up;
    lost_down += o.lost_down;
    damaged_up += o.damaged_up;
    damaged_down += o.damaged_down;
    refused_up += o.refused_up;
    refused_down += o.refused_down;
    updates += o.updates;
    in_time += o.in_time;
    steps += o.steps;
    resets += o.resets;
    most_behind = most_behind < o.most_behind ? o.most_behind : most_behind;
  }
};

/// A clock of milliseconds that wraps.
class drifting_clock {
 public:
  drifting_clock() = default;
  drifting_clock(std::uint32_t start, double rate) : rate_(rate), start_(start) {}

  std::uint32_t ms(double seconds) const {
    // Half a microsecond more, or what was planned for a millisecond might come just before it.
    return start_ + static_cast<std::uint32_t>(static_cast<std::uint64_t>(seconds * rate_ * 1000 + 0.0005));
  }
  /// Virtual seconds after which it has certainly gone on by so many.
  double seconds(std::uint32_t ms) const { return (ms + 1) / (rate_ * 1000); }

 private:
  double rate_ = 1;
  std::uint32_t start_ = 0;
};

}  // namespace sim
}  // namespace WEIR_ABI
}  // namespace weir
