// SPDX-License-Identifier: MIT
// Which rows each worker has, and in which order it sees them.
#pragma once

#include <cstdint>
#include <vector>

#include <weir/weir.hpp>

#include "plan.hpp"

namespace fleet {

using row_list = std::vector<std::uint32_t>;

/// Fisher and Yates. The same on every platform, which std::shuffle is not.
inline void shuffle(row_list& rows, weir::random_bits& random) {
  for (std::size_t left = rows.size(); left > 1; --left)
    std::swap(rows[left - 1], rows[random.below(static_cast<std::uint32_t>(left))]);
}

/// Deals the training rows out, all shares equal to within a row (two, if not iid). iid: shuffled. noniid: by label,
/// two pieces a worker, so that it sees two classes or little more (McMahan et al., AISTATS 2017).
std::vector<row_list> deal(const support::image_set& train, std::uint16_t workers, split how, std::uint32_t seed);

}  // namespace fleet
