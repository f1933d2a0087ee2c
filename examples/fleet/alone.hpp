// SPDX-License-Identifier: MIT
// A device that learns alone, on all rows: what its numbers cost, without a network in between.
#pragma once

#include "plan.hpp"

namespace fleet {

/// How it trains: one sample at a time, plain gradient descent. Integers move a weight when its residual has risen to Wt;
/// floats at every step.
constexpr float alone_rate = 0.03f;
constexpr float alone_wt = 1.0f / 32;
constexpr std::uint32_t alone_epochs = 10;

struct alone_outcome {
  double accuracy;   ///< percent
  double saturated;  ///< updates to single cells that did not fit their residual, per step
};

/// The same seed gives the same initial weights and the same order of rows, whatever the numbers.
alone_outcome run_alone(number_kind numbers, std::uint32_t seed, const support::dataset& data);

}  // namespace fleet
