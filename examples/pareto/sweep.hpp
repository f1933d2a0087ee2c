// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "fleet/statistics.hpp"
#include "fleet/tables.hpp"
#include "options.hpp"
#include "run_log.hpp"

namespace pareto {

/// Settings, and what came of them.
struct point {
  fleet::options settings;  ///< its runs: as many seeds as it was tried with
  fleet::results runs;
  fleet::estimate ratio_up, ratio_both;
  fleet::estimate accuracy, difference;  ///< percent; points to the dense runs of the same seeds
  bool front;                            ///< no other that was tried with all seeds beats it
};

/// Runs what the log lacks, o.common.jobs at a time, dense once for each seed: all settings with o.scout seeds, then with twice
/// as many, and so on up to all of them, without those that somebody beats by two standard errors. The result, by ratio_both,
/// most first, does not depend on jobs, nor on what else the log holds.
std::vector<point> sweep(const options& o, std::vector<fleet::options> settings, const support::dataset& data,
                         run_log& log);

}  // namespace pareto
