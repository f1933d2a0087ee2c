// EXPECT: weir: Loss needs `static void gradient(y, n, target, dy)`
// SPDX-License-Identifier: MIT
#include <weir/policy/loss.hpp>

struct bad {
  template <class A>
  using target = weir::index_t;
  template <class A>
  static float value(const A*, weir::index_t, weir::index_t) {
    return 0;
  }
  template <class A>
  static bool hit(const A*, weir::index_t, weir::index_t) {
    return true;
  }
#if !defined(WEIR_EXPECT_ERROR)
  template <class A>
  static void gradient(const A*, weir::index_t, weir::index_t, A*) {}
#endif
};
template struct weir::detail::require_loss<bad>;
