// EXPECT: weir: Observer needs `void passed(state&, uint16_t round_number, const gate_report&, const Residual&) const`
// SPDX-License-Identifier: MIT
#include <weir/policy/observer.hpp>

struct bad {
  template <weir::index_t N>
  struct state {};
  template <class State>
  void emitted(State&, weir::index_t) const {}
#if !defined(WEIR_EXPECT_ERROR)
  template <class State, class Residual>
  void passed(State&, uint16_t, const weir::gate_report&, const Residual&) const {}
#endif
};
template struct weir::detail::require_observer<bad>;
