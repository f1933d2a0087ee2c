// EXPECT: weir: Threshold needs `float next(state&, const gate_report& last, Mean&& mean) const`
// SPDX-License-Identifier: MIT
#include <weir/policy/threshold.hpp>

struct bad {
  struct state {};
  static constexpr bool may_be_zero() noexcept { return false; }
#if !defined(WEIR_EXPECT_ERROR)
  template <class Mean>
  float next(state&, const weir::gate_report&, Mean&&) const {
    return 1.0f;
  }
#endif
};
template struct weir::detail::require_threshold<bad>;
