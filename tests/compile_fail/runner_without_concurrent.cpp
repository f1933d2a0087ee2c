// EXPECT: weir: Runner needs `static constexpr bool concurrent()`
// SPDX-License-Identifier: MIT
#include <weir/policy/runner.hpp>

struct bad {
#if !defined(WEIR_EXPECT_ERROR)
  static constexpr bool concurrent() noexcept { return false; }
#endif
  template <class Task>
  void run(uint8_t, Task&&) const {}
};
template struct weir::detail::require_runner<bad>;
