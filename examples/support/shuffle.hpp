// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <weir/weir.hpp>

namespace support {

/// Numbers of a data set's rows.
using row_list = std::vector<std::uint32_t>;

/// Fisher and Yates. The same on every platform, which std::shuffle is not.
inline void shuffle(row_list& rows, weir::random_bits& random) {
  for (std::size_t left = rows.size(); left > 1; --left)
    std::swap(rows[left - 1], rows[random.below(static_cast<std::uint32_t>(left))]);
}

}  // namespace support
