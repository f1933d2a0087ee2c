// EXPECT: weir: Runner needs `template <class Task> void run(uint8_t count, Task&& task) const`
// SPDX-License-Identifier: MIT
#include <weir/policy/runner.hpp>

struct bad {
  static constexpr bool concurrent() noexcept { return false; }
#if !defined(WEIR_EXPECT_ERROR)
  template <class Task>
  void run(uint8_t, Task&&) const {}
#endif
};
template struct weir::detail::require_runner<bad>;
