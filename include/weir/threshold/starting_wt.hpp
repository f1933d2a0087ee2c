// SPDX-License-Identifier: MIT
// Where a threshold starts: the Wt that lets a wanted share of a residual pass, without a sort.
#pragma once

#include <weir/core/float_bits.hpp>
#include <weir/policy/threshold.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// ln(1 / share), within 0.01; share in (0, 1].
inline float log_of_one_in(float share) noexcept { return -0.6931472f * rough_log2(share); }

/// No number, or nothing there: 0.
inline float wt_or_none(float wt) noexcept { return wt > 0 && wt <= 3.0e38f ? wt : 0.0f; }

/// One stage, for who has the mean alone: -mean|r| ln(density), what an exponential distribution has.
template <class Mean>
float starting_wt(const Mean& mean, index_t, float density, false_type) noexcept {
  return wt_or_none(mean() * log_of_one_in(density));
}

/// Three stages (SIDCo, Abdelmoniem et al., MLSys 2021): the tail above a Wt is taken for exponential, and says where a
/// third of the way further down Wt is; then the tail above that. A stage goes on from the share that it finds, not
/// from the one that was looked for: nine cells in ten may be zeros. Of normal, Laplace, log-normal (sigma 2) and Student
/// magnitudes (2 degrees), and of normal ones among nine tenths of zeros, with densities of 0.1 to 10 %, 0.6 to 1.1 times
/// the wanted pass at once; by one stage 0 to 58 times, by two 0.04 to 2.3 times.
template <class Mean>
float starting_wt(const Mean& mean, index_t cells, float density, true_type) noexcept {
  const float third = log_of_one_in(density) * (1.0f / 3.0f);
  float wt = 0;
  float reached = 0;  // by some
  for (uint8_t stage = 1; stage <= 3; ++stage) {
    const magnitudes_above tail = mean.above(wt);
    if (tail.count != 0) {
      const float share = static_cast<float>(tail.count) / static_cast<float>(cells);
      const float further = static_cast<float>(stage) * third - log_of_one_in(share);
      if (further > 0) wt += (tail.mean - wt) * further;
      reached = tail.mean;
    } else {
      wt = 0.5f * (wt + reached);  // the tail is short: they are nearly alike
    }
    if (!(wt_or_none(wt) > 0)) return 0;
  }
  return wt;
}

/// 0: there is nothing, or no number, to start from.
template <class Mean>
float starting_wt(const Mean& mean, index_t cells, float density) noexcept {
  return starting_wt(mean, cells, density, bool_constant<mean_has_above<Mean>::value>());
}

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
