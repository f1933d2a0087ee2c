// EXPECT: weir: Threshold needs `struct state`, its memory, and constexpr `may_be_zero()`
// SPDX-License-Identifier: MIT
#include <weir/policy/threshold.hpp>

struct bad {
  struct state {};
#if !defined(WEIR_EXPECT_ERROR)
  static constexpr bool may_be_zero() noexcept { return false; }
#endif
  template <class Mean>
  float next(state&, const weir::gate_report&, Mean&&) const {
    return 1.0f;
  }
};
template struct weir::detail::require_threshold<bad>;
