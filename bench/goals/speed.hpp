// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "goal.hpp"
#include "plan.hpp"

namespace goals {

/// Times as ratios: each candidate is timed beside its limit, all of them in turn, round after round; what counts is
/// the median of the rounds' ratios.
std::vector<result> measure_speeds(const plan& p);
/// Their names.
std::vector<std::string> speed_names(const plan& p);

}  // namespace goals
