// EXPECT: weir: Observer needs `void emitted(state&, index_t i) const`
// SPDX-License-Identifier: MIT
#include <weir/policy/observer.hpp>

struct bad {
  template <weir::index_t N>
  struct state {};
#if !defined(WEIR_EXPECT_ERROR)
  template <class State>
  void emitted(State&, weir::index_t) const {}
#endif
  template <class State, class Residual>
  void passed(State&, uint16_t, const weir::gate_report&, const Residual&) const {}
};
template struct weir::detail::require_observer<bad>;
