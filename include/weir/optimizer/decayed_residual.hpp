// SPDX-License-Identifier: MIT
#pragma once

#include <weir/optimizer/sgd.hpp>

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
struct basic_decayed_residual : basic_sgd<Rate> {
  float keep;  ///< share of the residual that a step leaves, in [0, 1]

  constexpr explicit basic_decayed_residual(Rate rate_, float keep_ = 0.9f) noexcept
      : basic_sgd<Rate>(rate_), keep(keep_) {}

  template <class State, class Into, class Weight>
  void begin(State&, Into& into, const Weight*, uint32_t) const noexcept {
    into.keep(make_scale<typename Into::scale>(keep));
  }
};

typedef basic_decayed_residual<constant_rate> decayed_residual;

}  // namespace WEIR_ABI
}  // namespace weir
