// SPDX-License-Identifier: MIT
#pragma once

#include <weir/policy/aggregation.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// The mean over all ranks, those that did not show up included, times a server step of numerator / 2^shift.
struct mean {
  uint16_t numerator;
  uint8_t shift;

  constexpr explicit mean(uint16_t numerator_ = 1, uint8_t shift_ = 0) noexcept
      : numerator(numerator_), shift(shift_) {}

  constexpr uint16_t gain(uint16_t) const noexcept { return numerator; }
  constexpr uint32_t divisor(uint16_t ranks) const noexcept { return static_cast<uint32_t>(ranks) << shift; }
};

}  // namespace WEIR_ABI
}  // namespace weir
