// SPDX-License-Identifier: MIT
#pragma once

#include <weir/kernel/axpy.hpp>
#include <weir/policy/optimizer.hpp>

namespace weir {
inline namespace WEIR_ABI {

namespace detail {

/// What an optimizer adds to the residual, on its way there: the drift takes its share.
template <class Into>
struct drift_into {
  typedef typename Into::scale scale;
  Into& into;
  float* drift;
  float newest;

  index_t size() const noexcept { return into.size(); }
  template <class Row>
  void add(index_t offset, scale s, const Row* row, index_t n) noexcept {
    into.add(offset, s, row, n);
    kernel::axpy(newest * s, row, drift + offset, n, kernel::native());
  }
};

}  // namespace detail

/// Any optimizer with a velocity, for workers whose data differ: each pulls the weights towards its own optimum, and what
/// the others think better comes back with the broadcasts. Of that difference, its drift, a worker keeps the running mean,
/// and takes a share of it from its updates (SCAFFOLD, Karimireddy et al., ICML 2020, whose control variates are such
/// means; here they come out of the broadcasts, and cost no byte). At every step, for each weight, with the update v and the
/// broadcast b:
///
///   residual <- residual - share * d;  d <- d + newest * (v - d);  and for each broadcast  d <- d - newest * b / server_step
///
/// So, cells of weights that all workers agree on are left as they are, and those that pull at one another no longer
/// fill, and empty, and fill the frames. RAM: one float a weight. Of floats only: such means are smaller than units.
template <class Optimizer>
struct drift_corrected : Optimizer {
  float share;        ///< of the drift, in [0, 1); 0: nothing is corrected
  float newest;       ///< weight of the newest update in the running mean, in (0, 1)
  float server_step;  ///< the coordinator's factor on the mean of updates

  constexpr drift_corrected(Optimizer optimizer, float share_, float newest_, float server_step_ = 1.0f) noexcept
      : Optimizer(optimizer), share(share_), newest(newest_), server_step(server_step_) {}

  static_assert(Optimizer::folds(),
                "weir: drift_corrected needs an optimizer with a velocity: momentum (of 0, for sgd) or nesterov");

  template <class Number, index_t N>
  struct state : Optimizer::template state<Number, N> {
    static_assert(is_same<Number, float>::value,
                  "weir: drift_corrected is for floats: in fixed point its means are nothing");
    float drift[N];
  };

  template <class State, class Into, class Weight>
  void begin(State& s, Into& into, const Weight* weights, uint32_t step) const noexcept {
    detail::drift_into<Into> to = {into, s.drift, newest};
    Optimizer::begin(s, to, weights, step);
  }
  template <class State, class Into>
  void fold(State& s, Into& into, uint32_t step, index_t first, index_t n) const noexcept {
    into.add(first, -share, s.drift + first, n);
    kernel::scale(1.0f - newest, s.drift + first, n, kernel::native());
    detail::drift_into<Into> to = {into, s.drift, newest};
    Optimizer::fold(s, to, step, first, n);
  }
  /// Not in the gate's pass: fold() does more.
  void factors(uint32_t step) const = delete;

  /// A broadcast has moved weight i by -v.
  template <class State>
  void received(State& s, index_t i, float v) const noexcept {
    s.drift[i] -= newest * v / server_step;
  }
};

}  // namespace WEIR_ABI
}  // namespace weir
