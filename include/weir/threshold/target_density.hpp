// SPDX-License-Identifier: MIT
#pragma once

#include <math.h>

#include <weir/policy/threshold.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// The Wt that lets a wanted share of the weights pass. It starts where an exponential distribution of magnitudes
/// would have it, Wt = -mean|r| ln(density) (SIDCo, Abdelmoniem et al., MLSys 2021), and then follows what passes: Wt is
/// multiplied by the square root of hits / wanted, by at most 2 a round, and stays where it is while hits are within a
/// quarter of what is wanted. Until the residual holds anything, nothing passes.
struct target_density {
  float density;  ///< emitted coordinates / weights, in (0, 1)

  constexpr explicit target_density(float density_) noexcept : density(density_) {}

  struct state {
    float wt;  // 0: not started
  };
  static constexpr bool may_be_zero() noexcept { return false; }

  template <class Mean>
  float next(state& s, const gate_report& last, Mean&& mean) const noexcept {
    if (!(s.wt > 0)) {
      const float start = -mean() * logf(density);
      if (!(start > 0)) return 3.0e38f;  // an empty residual: ask again next time
      return s.wt = start;
    }
    if (last.rounds == 0) return s.wt;
    const float wanted = density * static_cast<float>(last.cells);
    float ratio = static_cast<float>(last.hits) / (wanted < 1.0f ? 1.0f : wanted);
    if (last.full && ratio < 1.6f) ratio = 1.6f;  // who knows how many more would have passed
    if (ratio > 0.8f && ratio < 1.25f) return s.wt;
    const float factor = sqrtf(ratio);
    s.wt *= factor < 0.5f ? 0.5f : (factor > 2.0f ? 2.0f : factor);
    if (s.wt < 1.0e-30f) s.wt = 0;  // nothing has come for a hundred rounds: start again
    return s.wt > 0 ? s.wt : 3.0e38f;
  }
};

}  // namespace WEIR_ABI
}  // namespace weir
