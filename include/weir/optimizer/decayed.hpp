// SPDX-License-Identifier: MIT
#pragma once

#include <weir/core/number.hpp>
#include <weir/policy/optimizer.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// Any optimizer with weight decay: lambda * w joins the gradient, before momentum and residual (added after the
/// compression it costs points). It is not part of the norm that clipping sees. RAM: none; one pass over the weights. In
/// fixed point lambda * w is rounded to the residual (sgd) or the velocity (momentum): it acts only on weights where it is
/// at least half of their unit, so lambda must not be small. With sgd and a residual of 8 bits it rounds by chance, and
/// acts on all.
template <class Optimizer>
struct decayed : Optimizer {
  float lambda;  ///< gradient units per weight unit, >= 0

  constexpr decayed(Optimizer optimizer, float lambda_) noexcept : Optimizer(optimizer), lambda(lambda_) {}

  template <class State, class Into, class Weight>
  void begin(State& s, Into& into, const Weight* weights, uint32_t step) const noexcept {
    Optimizer::begin(s, into, weights, step);
    this->rows(s, into).add(0, make_scale<typename Into::scale>(lambda * this->gain(step)), weights, into.size());
  }
};

}  // namespace WEIR_ABI
}  // namespace weir
