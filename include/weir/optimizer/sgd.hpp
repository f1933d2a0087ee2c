// SPDX-License-Identifier: MIT
#pragma once

#include <weir/optimizer/rate.hpp>
#include <weir/policy/optimizer.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// Plain stochastic gradient descent: residual <- residual + rate * g. Rows of the gradient go straight into the
/// residual: no RAM per weight, no pass over the weights.
template <class Rate>
struct basic_sgd {
  Rate rate;

  constexpr explicit basic_sgd(Rate rate_) noexcept : rate(rate_) {}

  template <class Number, index_t N>
  struct state {};

  static constexpr bool folds() noexcept { return false; }
  static constexpr bool needs_norm() noexcept { return false; }
  float gain(uint32_t step) const noexcept { return rate.at(step); }
  float shrink(float, uint16_t) const noexcept { return 1.0f; }

  template <class State, class Into, class Weight>
  void begin(State&, Into&, const Weight*, uint32_t) const noexcept {}
  template <class State, class Into>
  Into& rows(State&, Into& into) const noexcept {
    return into;
  }
  template <class State, class Into>
  void fold(State&, Into&, uint32_t, index_t, index_t) const noexcept {}
  template <class State>
  void forget(State&, index_t) const noexcept {}
};

typedef basic_sgd<constant_rate> sgd;

}  // namespace WEIR_ABI
}  // namespace weir
