// EXPECT: weir: Optimizer needs `forget(state, i)`
// SPDX-License-Identifier: MIT
#include <weir/policy/optimizer.hpp>

struct bad {
  template <class Number, weir::index_t N>
  struct state {};
  static constexpr bool folds() noexcept { return false; }
  static constexpr bool needs_norm() noexcept { return false; }
  float gain(uint32_t) const { return 1.0f; }
  template <class State, class Into, class Weight>
  void begin(State&, Into&, const Weight*, uint32_t) const {}
  float shrink(float, uint16_t) const { return 1.0f; }
  template <class State, class Into>
  Into& rows(State&, Into& into) const {
    return into;
  }
  template <class State, class Into>
  void fold(State&, Into&, uint32_t, weir::index_t, weir::index_t) const {}
#if !defined(WEIR_EXPECT_ERROR)
  template <class State>
  void forget(State&, weir::index_t) const {}
#endif
};
template struct weir::detail::require_optimizer<bad>;
