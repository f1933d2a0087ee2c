// SPDX-License-Identifier: MIT
#pragma once

#include <weir/optimizer/momentum.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// Only the signs of the momentum count (Bernstein et al., ICML 2018, algorithm 2): u <- mu u + g; residual <- residual +
/// rate sign(u). Every weight moves by the same amount, whatever the scale of its gradients, so that no layer is starved by a
/// gate with one Wt; a cell passes after Wt / rate steps of one sign. Rates are a tenth of momentum's and less. In floats a
/// velocity of exactly 0 has no sign. RAM: one number a weight, as momentum.
template <class Rate>
struct basic_signum : basic_momentum<Rate> {
  constexpr explicit basic_signum(Rate rate_, float mu_ = 0.9f) noexcept : basic_momentum<Rate>(rate_, mu_) {}

  template <class State, class Into>
  void fold(State& s, Into& into, uint32_t step, index_t first, index_t n) const noexcept {
    typedef typename State::scale scale;
    typedef typename conditional<is_same<typename State::cell, float>::value, float, fixed<int8_t, 0>>::type sign;
    const scale by = make_scale<scale>(this->rate.at(step));
    sign signs[32];
    for (index_t block = 0; block < n; block = static_cast<index_t>(block + 32)) {
      const index_t count = n - block < 32 ? static_cast<index_t>(n - block) : 32;
      const typename State::cell* const u = s.u + first + block;
      const typename State::cell zero = typename State::cell();
      for (index_t i = 0; i < count; ++i)
        signs[i] = sign(static_cast<float>((zero < u[i] ? 1 : 0) - (u[i] < zero ? 1 : 0)));
      into.add(static_cast<index_t>(first + block), by, signs, count);
    }
    kernel::scale(make_scale<scale>(this->mu), s.u + first, n, kernel::native());
  }
  /// Not in the gate's pass: fold() does more.
  fold_factors factors(uint32_t step) const = delete;
};

typedef basic_signum<constant_rate> signum;

}  // namespace WEIR_ABI
}  // namespace weir
