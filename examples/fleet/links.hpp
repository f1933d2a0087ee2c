// SPDX-License-Identifier: MIT
// How long the exchange of a run takes on some lines: Tc = latency + bytes / bandwidth for each frame.
#pragma once

#include "plan.hpp"

namespace fleet {

struct radio_or_wire {
  const char* name;
  double bytes_per_second;
  double latency;  ///< seconds
};

constexpr radio_or_wire lines[] = {
    {"LoRa SF7, 5.47 kb/s, 100 ms", 5470.0 / 8, 0.100},
    {"802.15.4, 100 kb/s, 10 ms", 100e3 / 8, 0.010},
    {"UART, 115200 baud, 1 ms", 115200.0 / 10, 0.001},  // ten bits a byte
    {"10 Mb/s, 78 ms", 10e6 / 8, 0.078},
};

/// Seconds, of one worker's frames, both ways: workers have a line each, and frames follow one another.
inline double exchange_seconds(const traffic& sent, std::uint16_t workers, const radio_or_wire& line) {
  const double frames = static_cast<double>(sent.frames_up + sent.frames_down) / workers;
  const double bytes = static_cast<double>(sent.bytes_up + sent.bytes_down) / workers;
  return frames * line.latency + bytes / line.bytes_per_second;
}

}  // namespace fleet
