// SPDX-License-Identifier: MIT
#pragma once

#include "options.hpp"
#include "round_log.hpp"
#include "tables.hpp"

namespace fleet {

/// Both runs of every seed, o.jobs at a time, with progress on stderr. The results do not depend on o.jobs.
/// Rounds of two-step runs go to `rounds`.
results run_all(const options& o, const support::dataset& data, round_log& rounds);

}  // namespace fleet
