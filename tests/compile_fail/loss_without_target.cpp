// EXPECT: weir: Loss needs `template <class A> using target`
// SPDX-License-Identifier: MIT
#include <weir/policy/loss.hpp>

struct bad {
#if !defined(WEIR_EXPECT_ERROR)
  template <class A>
  using target = weir::index_t;
#endif
  template <class A>
  static float value(const A*, weir::index_t, weir::index_t) {
    return 0;
  }
  template <class A>
  static bool hit(const A*, weir::index_t, weir::index_t) {
    return true;
  }
  template <class A>
  static void gradient(const A*, weir::index_t, weir::index_t, A*) {}
};
template struct weir::detail::require_loss<bad>;
