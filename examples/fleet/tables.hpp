// SPDX-License-Identifier: MIT
// What the runs came to: for people, for programs, as a picture.
#pragma once

#include <string>
#include <vector>

#include "options.hpp"
#include "plan.hpp"

namespace fleet {

/// Both runs of one seed.
struct pair_of_runs {
  std::uint32_t seed;
  outcome dense;
  outcome two_step;
};

using results = std::vector<pair_of_runs>;

/// What the same steps cost by definition: float32 both ways, every step, for every worker.
double bytes_dense(const options& o, const outcome& of);
/// So many times the bytes that were sent: of half of it up, of all both ways.
double ratio_up(const options& o, const outcome& of);
double ratio_both(const options& o, const outcome& of);
/// In points of accuracy, two-step - dense.
double difference(const pair_of_runs& p);
/// In percent of the dense run's loss, two-step - dense.
double loss_difference(const pair_of_runs& p);

std::string table(const options& o, const support::dataset& data, const results& all);
std::string json_text(const options& o, const support::dataset& data, const results& all, double seconds);
std::string svg_text(const support::dataset& data, const results& all);

}  // namespace fleet
