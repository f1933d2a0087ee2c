// SPDX-License-Identifier: MIT
// One training in virtual time: what is asked for, and what came of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <weir/sim/link.hpp>
#include <weir/weir.hpp>

#include "fleet/plan.hpp"
#include "support/dataset.hpp"

namespace simulate {

constexpr std::uint16_t most_devices = 1024;
constexpr weir::index_t batch = 16;  ///< samples to a step

/// A node's threshold: so much Wt at least, and, where `bytes` are above 0, no more of them to a body on average.
struct gate_choice {
  float wt;
  float bytes;
};

struct device_setup {
  weir::sim::link link;
  gate_choice gate;
  std::uint16_t rounds_per_frame;  ///< it sends in every so many rounds
};

struct setup {
  std::uint32_t seed;
  std::uint32_t epochs;
  std::uint16_t local_steps;  ///< K, of a round
  float rate;                 ///< learning rate, cosine
  float momentum;
  float server_step;  ///< rounded to sixteenths
  bool dense;         ///< all in float32, gates or not
  gate_choice down;
  std::uint32_t deadline_ms;  ///< 0: rounds wait for all
  double round_seconds;       ///< what "in time" is for a device that sends in every round
  double step_seconds;
  double target;  ///< accuracy, percent
  fleet::split split;
  std::vector<device_setup> devices;
};

struct device_outcome {
  std::string link;
  std::uint64_t bytes_up;
  std::uint64_t bytes_down;
  std::uint32_t updates;
  std::uint32_t in_time;  ///< of these
  double most_behind;     ///< seconds by which its broadcasts waited for one another, and were sent
};

struct point {
  std::uint32_t round;
  double seconds;
  std::uint64_t bytes;  ///< up and down
  double accuracy;      ///< percent
};

struct outcome {
  double target_seconds = -1;  ///< when the target was reached; -1: never
  double seconds = 0;          ///< of the whole run
  double accuracy = 0;         ///< at the end
  std::uint32_t rounds = 0;
  std::uint64_t bytes = 0;
  std::vector<point> curve;
  std::vector<device_outcome> devices;
};

// One for each model, in a file of its own, where its templates are instantiated.
outcome run_digits(const setup& s, const support::dataset& data);
outcome run_idx(const setup& s, const support::dataset& data);

}  // namespace simulate
