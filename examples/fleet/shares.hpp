// SPDX-License-Identifier: MIT
// Which rows each worker has, and in which order it sees them.
#pragma once

#include <cstdint>
#include <vector>

#include <weir/weir.hpp>

#include "plan.hpp"
#include "support/shuffle.hpp"

namespace fleet {

using support::row_list;
using support::shuffle;

/// Deals the training rows out, all shares equal to within a row (two, if not iid). iid: shuffled. noniid: by label,
/// two pieces a worker, so that it sees two classes or little more (McMahan et al., AISTATS 2017).
std::vector<row_list> deal(const support::row_set& train, std::uint16_t workers, split how, std::uint32_t seed);

}  // namespace fleet
