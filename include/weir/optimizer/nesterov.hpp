// SPDX-License-Identifier: MIT
#pragma once

#include <weir/optimizer/momentum.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// Nesterov's momentum, corrected for delayed updates, in place: with d = mu u left by the last step,
/// residual <- residual - rate d; u <- d + g; residual <- residual + rate (1 + mu) u, which is rate (g + mu u).
/// RAM: one number per weight, of 16 bits at least. The rate is the same from begin to fold of a step.
template <class Rate>
struct basic_nesterov : basic_momentum<Rate> {
  constexpr explicit basic_nesterov(Rate rate_, float mu_ = 0.9f) noexcept : basic_momentum<Rate>(rate_, mu_) {}

  template <class State, class Into, class Weight>
  void begin(State& s, Into& into, const Weight*, uint32_t step) const noexcept {
    typedef typename State::scale scale;
    into.add(0, make_scale<scale>(-this->rate.at(step)), s.u, static_cast<index_t>(sizeof s.u / sizeof s.u[0]));
  }
  fold_factors factors(uint32_t step) const noexcept {
    return fold_factors{this->rate.at(step) * (1.0f + this->mu), this->mu};
  }
  template <class State, class Into>
  void fold(State& s, Into& into, uint32_t step, index_t first, index_t n) const noexcept {
    detail::fold_velocity(s, into, factors(step), first, n);
  }
};

typedef basic_nesterov<constant_rate> nesterov;

}  // namespace WEIR_ABI
}  // namespace weir
