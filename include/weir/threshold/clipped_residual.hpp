// SPDX-License-Identifier: MIT
#pragma once

#include <weir/policy/threshold.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// Any threshold, and a limit for what an emitted cell keeps: `times` times Wt; what is beyond is written off, and counted in
/// gate_report::clipped (residual clipping, as in Deeplearning4j). An encoder with one magnitude for a frame, strom, ternary
/// or base3, takes so much and no more from a cell: one whose updates are larger never empties. What it then sends is old,
/// and goes on for long after its updates have turned. With a limit, after `times` frames at most.
///
/// Only emitted cells can hold more than Wt, so that it costs a comparison for each hit, and no pass. RAM: none.
template <class Threshold>
struct clipped_residual {
  static_assert(!Threshold::may_be_zero(), "weir: where Wt may be 0, cells would keep nothing: take another threshold");
  Threshold threshold;
  float times;  ///< limit in multiples of Wt, >= 1; less than that counts as 1

  constexpr explicit clipped_residual(Threshold threshold_, float times_ = 5.0f) noexcept
      : threshold(threshold_), times(times_) {}

  typedef typename Threshold::state state;
  static constexpr bool may_be_zero() noexcept { return false; }

  template <class Mean>
  float next(state& s, const gate_report& last, Mean&& mean) const noexcept {
    return threshold.next(s, last, mean);
  }
  float keep(const state&) const noexcept { return times >= 1.0f ? times : 1.0f; }

  // What the threshold offers besides, it still does.
  template <class T = Threshold>
  auto room(const typename T::state& s, const gate_report& last) const noexcept
      -> decltype(declval<const T&>().room(s, last)) {
    return threshold.room(s, last);
  }
  template <class T = Threshold>
  auto hint(typename T::state& s, float wt) const noexcept -> decltype(declval<const T&>().hint(s, wt)) {
    threshold.hint(s, wt);
  }
};

}  // namespace WEIR_ABI
}  // namespace weir
