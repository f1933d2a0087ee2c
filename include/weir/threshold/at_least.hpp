// SPDX-License-Identifier: MIT
#pragma once

#include <weir/policy/threshold.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// Any threshold, but never under this Wt. Around a budget: a good link could carry far more than helps, for a low Wt sends
/// noise; a poor one has what it can carry. So one line serves a fleet of unequal links:
///
///   weir::at_least<weir::link_budget>{weir::link_budget::lora_sf7(8.0f), 0.04f}
///
/// RAM: that of the threshold.
template <class Threshold>
struct at_least {
  Threshold threshold;
  float wt;  ///< in the scale of the weights, > 0

  constexpr at_least(Threshold threshold_, float wt_) noexcept : threshold(threshold_), wt(wt_) {}

  typedef typename Threshold::state state;
  static constexpr bool may_be_zero() noexcept { return false; }

  template <class Mean>
  float next(state& s, const gate_report& last, Mean&& mean) const noexcept {
    const float own = threshold.next(s, last, mean);  // it sees in the report that it was overruled
    return own > wt ? own : wt;
  }

  // What the threshold offers besides, it still does.
  template <class T = Threshold>
  auto room(const state& s, const gate_report& last) const noexcept -> decltype(declval<const T&>().room(s, last)) {
    return threshold.room(s, last);
  }
  template <class T = Threshold>
  auto keep(const state& s) const noexcept -> decltype(declval<const T&>().keep(s)) {
    return threshold.keep(s);
  }
  template <class T = Threshold>
  auto hint(state& s, float hinted) const noexcept -> decltype(declval<const T&>().hint(s, hinted)) {
    return threshold.hint(s, hinted);
  }
};

}  // namespace WEIR_ABI
}  // namespace weir
