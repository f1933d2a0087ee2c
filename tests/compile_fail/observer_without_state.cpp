// EXPECT: weir: Observer needs `template <index_t N> struct state`
// SPDX-License-Identifier: MIT
#include <weir/policy/observer.hpp>

struct bad {
#if !defined(WEIR_EXPECT_ERROR)
  template <weir::index_t N>
  struct state {};
#endif
  template <class State>
  void emitted(State&, weir::index_t) const {}
  template <class State, class Residual>
  void passed(State&, uint16_t, const weir::gate_report&, const Residual&) const {}
};
template struct weir::detail::require_observer<bad>;
