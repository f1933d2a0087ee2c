// SPDX-License-Identifier: MIT
// One training in virtual time: what is asked for, and what came of it.
#pragma once

#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include <weir/sim/known_links.hpp>
#include <weir/weir.hpp>

#include "fleet/plan.hpp"
#include "support/dataset.hpp"

namespace simulate {

constexpr std::uint16_t most_devices = 4096;
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

  std::uint32_t most_rounds = 0;  ///< 0: as many as there are steps of those epochs
  double resets = 0;              ///< share of the devices, in each round
  bool saves = false;             ///< a device has its residual, and the frame in flight, again after a reset
  double most_seconds = 0;        ///< then it is given up, 0: never
  std::ostream* trace = nullptr;  ///< where Chrome's trace-event format goes

  /// Has anything been asked for that may lose what was sent?
  bool may_lose() const {
    if (resets > 0) return true;
    for (const device_setup& d : devices)
      for (const weir::sim::way* w : {&d.link.up, &d.link.down})
        if (w->trouble.mean_loss() > 0) return true;
    return false;
  }
};

/// How far a simulation is; called after each round.
using progress = std::function<void(std::uint32_t round, std::uint32_t rounds, double seconds, double accuracy)>;

struct device_outcome {
  std::string link;
  std::uint64_t bytes_up;
  std::uint64_t bytes_down;
  std::uint32_t updates;
  std::uint32_t in_time;  ///< of these
  double most_behind;     ///< seconds by which its broadcasts waited for one another, and were sent
  std::uint32_t lost;     ///< frames, both ways
  std::uint32_t resets;
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
  bool finished = false;       ///< or was it given up?
  double accuracy = 0;         ///< at the end
  std::uint32_t rounds = 0;
  std::uint64_t bytes = 0;
  std::vector<point> curve;
  std::vector<device_outcome> devices;
};

// One for each model, in a file of its own, where its templates are instantiated.
outcome run_digits(const setup& s, const support::dataset& data, const progress& tell);
outcome run_idx(const setup& s, const support::dataset& data, const progress& tell);

/// Bytes of memory that a simulation takes.
std::uint64_t bytes_of_digits(const setup& s);
std::uint64_t bytes_of_idx(const setup& s);

}  // namespace simulate
