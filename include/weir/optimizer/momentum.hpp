// SPDX-License-Identifier: MIT
#pragma once

#include <weir/core/number.hpp>
#include <weir/kernel/axpy.hpp>
#include <weir/optimizer/rate.hpp>
#include <weir/policy/optimizer.hpp>

namespace weir {
inline namespace WEIR_ABI {

namespace detail {

/// One velocity per weight, already decayed for the step to come, and the way of gradient rows into it.
template <class Number, index_t N>
struct velocity {
  typedef typename number<Number>::velocity cell;
  typedef typename number<Number>::scale scale;

  cell u[N];

  template <class Row>
  void add(index_t offset, scale s, const Row* row, index_t n) noexcept {
    kernel::axpy(s, row, u + offset, n, kernel::native());
  }
  template <class Cell = cell>
  auto cells(index_t offset) noexcept -> typename enable_if<is_same<Cell, float>::value, float*>::type {
    return u + offset;
  }
};

/// The velocity joins the residual, and decays for the next step while it is at hand.
template <class State, class Into>
void fold_velocity(State& s, Into& into, const fold_factors& f, index_t first, index_t n) noexcept {
  typedef typename State::scale scale;
  into.add(first, make_scale<scale>(f.rate), s.u + first, n);
  kernel::scale(make_scale<scale>(f.keep), s.u + first, n, kernel::native());
}

}  // namespace detail

/// Heavy-ball momentum, corrected for delayed updates (Lin et al., ICLR 2018, eq. 4): u <- mu u + g;
/// residual <- residual + rate u. RAM: one number per weight, of 16 bits at least.
template <class Rate>
struct basic_momentum {
  Rate rate;
  float mu;  ///< share of the last velocity kept, in [0, 1)

  constexpr explicit basic_momentum(Rate rate_, float mu_ = 0.9f) noexcept : rate(rate_), mu(mu_) {}

  template <class Number, index_t N>
  struct state : detail::velocity<Number, N> {};

  static constexpr bool folds() noexcept { return true; }
  static constexpr bool needs_norm() noexcept { return false; }
  float gain(uint32_t) const noexcept { return 1.0f; }
  float shrink(float, uint16_t) const noexcept { return 1.0f; }

  template <class State, class Into, class Weight>
  void begin(State&, Into&, const Weight*, uint32_t) const noexcept {}
  template <class State, class Into>
  State& rows(State& s, Into&) const noexcept {
    return s;
  }
  fold_factors factors(uint32_t step) const noexcept { return fold_factors{rate.at(step), mu}; }
  template <class State, class Into>
  void fold(State& s, Into& into, uint32_t step, index_t first, index_t n) const noexcept {
    detail::fold_velocity(s, into, factors(step), first, n);
  }
  template <class State>
  void forget(State& s, index_t i) const noexcept {
    s.u[i] = typename State::cell();
  }
};

typedef basic_momentum<constant_rate> momentum;

}  // namespace WEIR_ABI
}  // namespace weir
