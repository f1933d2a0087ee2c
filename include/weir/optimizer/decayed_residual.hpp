// SPDX-License-Identifier: MIT
#pragma once

#include <weir/optimizer/rate.hpp>
#include <weir/policy/optimizer.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// One buffer instead of two: the residual is the momentum, too. At every step residual <- keep * residual + rate * g, and
/// what rises to Wt leaves (DeMo, Peng et al. 2024; SparseLoCo, 2025). What is not sent for long is forgotten; what the
/// last 1 / (1 - keep) steps agree on is sent. That is less than sgd sends at the same rate, and with keep = 0.9 up to ten
/// times what a step of it adds: choose rates as for momentum.
///
/// Forgetting is no loss that is counted: a residual of this kind owes nothing. RAM: none; one pass over the residual. In
/// fixed point a cell loses at least a unit, so that cells of less than 1 / (1 - keep) units soon are zero.
template <class Rate>
struct basic_decayed_residual {
  Rate rate;
  float keep;  ///< share of the residual that a step leaves, in [0, 1]

  constexpr explicit basic_decayed_residual(Rate rate_, float keep_ = 0.9f) noexcept : rate(rate_), keep(keep_) {}

  template <class Number, index_t N>
  struct state {};

  static constexpr bool folds() noexcept { return false; }
  static constexpr bool needs_norm() noexcept { return false; }
  float gain(uint32_t step) const noexcept { return rate.at(step); }
  float shrink(float, uint16_t) const noexcept { return 1.0f; }

  template <class State, class Into, class Weight>
  void begin(State&, Into& into, const Weight*, uint32_t) const noexcept {
    into.keep(make_scale<typename Into::scale>(keep));
  }
  template <class State, class Into>
  Into& rows(State&, Into& into) const noexcept {
    return into;
  }
  template <class State, class Into>
  void fold(State&, Into&, uint32_t, index_t, index_t) const noexcept {}
  template <class State>
  void forget(State&, index_t) const noexcept {}
};

typedef basic_decayed_residual<constant_rate> decayed_residual;

}  // namespace WEIR_ABI
}  // namespace weir
