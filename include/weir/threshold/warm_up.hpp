// SPDX-License-Identifier: MIT
#pragma once

#include <math.h>

#include <weir/policy/threshold.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// Any threshold, lower at first: in round t < rounds, Wt is first^(1 - t / rounds) times what the threshold would start
/// with, so that early, fast-changing weights are sent sooner (DGC's warm-up, for every rule). Then the threshold takes
/// over, from what it starts with: what passed under a lower Wt tells it nothing. During warm-up a threshold that starts from the residual looks at it every round.
template <class Threshold>
struct warm_up {
  static_assert(!detail::threshold_has_room<Threshold>::value,
                "weir: byte_budget and link_budget hold from the first frame on: take them without warm_up");
  Threshold threshold;
  uint16_t rounds;  ///< length, up to 65,534
  float first;      ///< factor of the first round, in (0, 1]

  constexpr warm_up(Threshold threshold_, uint16_t rounds_, float first_ = 0.25f) noexcept
      : threshold(threshold_), rounds(rounds_), first(first_) {}

  struct state {
    typename Threshold::state inner;
    uint16_t round_number;
  };
  static constexpr bool may_be_zero() noexcept { return Threshold::may_be_zero(); }

  template <class Mean>
  float next(state& s, const gate_report& last, Mean&& mean) const noexcept {
    if (s.round_number > rounds) return threshold.next(s.inner, last, mean);
    gate_report nothing = last;
    nothing.rounds = 0;
    if (s.round_number == rounds) {
      s.round_number = static_cast<uint16_t>(s.round_number + 1);
      return threshold.next(s.inner, nothing, mean);
    }
    s.inner = typename Threshold::state();
    const float wt = threshold.next(s.inner, nothing, mean);
    const float left = 1.0f - static_cast<float>(s.round_number) / static_cast<float>(rounds);
    s.round_number = static_cast<uint16_t>(s.round_number + 1);
    return wt * powf(first, left);
  }

  /// That of the threshold, if it has one.
  template <class T = Threshold>
  auto keep(const state& s) const noexcept -> decltype(declval<const T&>().keep(s.inner)) {
    return threshold.keep(s.inner);
  }
};

}  // namespace WEIR_ABI
}  // namespace weir
