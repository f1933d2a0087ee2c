// SPDX-License-Identifier: MIT
// One run of a fleet: what is asked for, and what came of it.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <weir/weir.hpp>

#include "nets.hpp"
#include "numbers.hpp"
#include "policies.hpp"
#include "support/dataset.hpp"

namespace fleet {

enum class encoding {
  ternary,
  strom,
  sparse32,
  sparse16,
  dense32,
  // For comparison, with batches of 16:
  one_signed,
  base3,
  logarithmic2,
  logarithmic3,
  logarithmic4,
  natural,
  sparse8,
  one_bit,
  levels1,
  levels3,
  levels7,
  dense_natural
};
/// Is it one of those for comparison?
inline bool for_comparison(encoding e) { return e >= encoding::one_signed; }
/// Does it send every weight, whatever Wt is?
inline bool sends_all(encoding e) { return e >= encoding::one_bit; }
enum class split { iid, noniid };

/// Samples to a step: a template parameter of weir::worker, so one of these.
constexpr weir::index_t batch_sizes[] = {1, 2, 4, 8, 16, 32, 64};

struct plan {
  std::uint32_t seed;
  std::uint16_t workers;
  std::uint32_t epochs;
  weir::index_t batch;
  std::uint16_t local_steps;  ///< K
  weir::mean aggregation;
  any_optimizer optimizer;
  float drift;  ///< share of it that is taken from updates; 0 for integers
  threshold_choice up;
  threshold_choice down;
  float clip;             ///< of both; see any_threshold
  std::uint16_t warm_up;  ///< rounds
  encoding encoder;
  split rows;
  net model;
  float most_gradient;  ///< limit on its length, of the mean over the fleet, where the model has one
  number_kind numbers;
};

/// What has gone over the lines so far.
struct traffic {
  std::uint64_t bytes_up;
  std::uint64_t bytes_down;    ///< a broadcast counts once for each worker
  std::uint64_t bytes_on_air;  ///< a broadcast counts once: the way down on a shared medium
  std::uint64_t frames_up;
  std::uint64_t frames_down;
  std::uint64_t hash;  ///< of all frames in the order they were sent
};

struct sample_point {
  double epoch;
  std::uint64_t bytes;  ///< up and down
  double accuracy;      ///< percent of the test set
  double loss;          ///< mean over it, in nats a label
};

/// The gates of one way in one round: means over workers, but the oldest of all.
struct way_report {
  double wt;
  double density;
  double bytes;          ///< of a body
  double residual_norm;  ///< of what stays, in the scale of the weights
  std::uint16_t oldest;  ///< passes that a residual has waited
};

struct round_report {
  std::uint32_t round;
  double epoch;         ///< trained so far
  std::uint64_t bytes;  ///< up and down, so far
  way_report up;
  way_report down;
};

struct outcome {
  weir::index_t parameters;
  std::uint32_t steps;  ///< of each worker
  std::uint32_t rounds;
  double accuracy;  ///< percent, after the last round
  double loss;      ///< in nats a label, after the last round
  traffic sent;
  double density_up;  ///< mean share of the weights in a frame
  double density_down;
  double wt_up;  ///< of the last round, mean over workers
  double wt_down;
  double saturated;  ///< updates to single cells that did not fit their residual, per step and worker
  double seconds;
  std::vector<sample_point> curve;
};

/// Steps that every worker does in an epoch; 0 if its rows do not make a batch.
inline std::uint32_t steps_per_epoch(std::size_t rows, std::size_t workers, weir::index_t batch) {
  return static_cast<std::uint32_t>(rows / workers / batch);
}

/// Is told of each point of the curve.
using progress = std::function<void(const sample_point&)>;
/// Is told of each round; that takes time, so if nobody listens it is not called.
using observer = std::function<void(const round_report&)>;

// One for each model, in a file of its own: that is where the templates are instantiated, which takes its time.
outcome run_digits(const plan& p, const support::dataset& data, const progress& tell, const observer& rounds);
outcome run_idx(const plan& p, const support::dataset& data, const progress& tell, const observer& rounds);
outcome run_device(const plan& p, const support::dataset& data, const progress& tell, const observer& rounds);
outcome run_cnn(const plan& p, const support::dataset& data, const progress& tell, const observer& rounds);
outcome run_conv3d(const plan& p, const support::dataset& data, const progress& tell, const observer& rounds);
outcome run_frames(const plan& p, const support::dataset& data, const progress& tell, const observer& rounds);
outcome run_gru(const plan& p, const support::dataset& data, const progress& tell, const observer& rounds);

inline outcome run(const plan& p, const support::dataset& data, const progress& tell, const observer& rounds = {}) {
  switch (p.model) {
    case net::digits: return run_digits(p, data, tell, rounds);
    case net::idx: return run_idx(p, data, tell, rounds);
    case net::device: return run_device(p, data, tell, rounds);
    case net::cnn: return run_cnn(p, data, tell, rounds);
    case net::conv3d: return run_conv3d(p, data, tell, rounds);
    case net::frames: return run_frames(p, data, tell, rounds);
    case net::gru: break;
  }
  return run_gru(p, data, tell, rounds);
}

}  // namespace fleet
