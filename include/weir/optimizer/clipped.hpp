// SPDX-License-Identifier: MIT
#pragma once

#include <math.h>

#include <weir/policy/optimizer.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// Any optimizer behind a limit on the length of this worker's mean gradient: limit * sqrt(ranks). (DGC clips
/// gradients divided by N at limit / sqrt(N); ours are not divided.) RAM: none; the norm comes from the layers.
template <class Optimizer>
struct clipped : Optimizer {
  float limit;  ///< for the mean gradient of the whole fleet, > 0

  constexpr clipped(Optimizer optimizer, float limit_) noexcept : Optimizer(optimizer), limit(limit_) {}

  static constexpr bool needs_norm() noexcept { return true; }
  float shrink(float norm, uint16_t ranks) const noexcept {
    const float most = limit * sqrtf(static_cast<float>(ranks == 0 ? 1 : ranks));
    return norm > most ? most / norm : 1.0f;
  }
};

}  // namespace WEIR_ABI
}  // namespace weir
