// SPDX-License-Identifier: MIT
#pragma once

#include <weir/core/grid.hpp>
#include <weir/core/placed.hpp>
#include <weir/gate.hpp>
#include <weir/inference.hpp>
#include <weir/local/accumulate_only.hpp>
#include <weir/policy/threshold.hpp>
#include <weir/threshold/always.hpp>
#include <weir/trainer.hpp>

namespace weir {
inline namespace WEIR_ABI {

namespace detail {

/// In the place of an encoder: what passes the gate moves the weights at once.
template <class Weight>
struct applied {
  struct state {};
  Weight* weights;

  template <class Grid>
  class writer {
   public:
    typedef typename Grid::cell cell;

    writer(const applied& to, const state&, Grid grid, const encode_request& request, bytes) noexcept
        : weights_(to.weights), grid_(grid), threshold_(grid.threshold(request.wt)) {}
    cell threshold() const noexcept { return threshold_; }
    bool put(index_t i, cell& c) noexcept {
      const typename Grid::value v = grid_.whole(c);
      Grid::take(c, grid_.cells(v));
      subtract(weights_[i], v);
      return true;
    }
    static size_t finish(state&) noexcept { return 0; }

   private:
    Weight* weights_;
    Grid grid_;
    cell threshold_;
  };
};

/// What a gate at Wt = 0 does to weights of floats: all that a residual has moves its weight, and what has overflowed is
/// forgotten. In chunks that stay in the first-level cache.
template <class Fold, class Forget>
void move_all(float* weights, float* residual, index_t n, Fold& fold, Forget& forget) noexcept {
  for (index_t first = 0; first < n; first = static_cast<index_t>(first + gate_chunk())) {
    const index_t m = n - first < gate_chunk() ? static_cast<index_t>(n - first) : gate_chunk();
    fold(first, m);
    float* const r = residual + first;
    uint32_t overflows = 0;  // as a number, it is found by vectors
    for (index_t i = 0; i < m; ++i) overflows |= is_finite(r[i]) ? 0u : 1u;
    for (index_t i = 0; overflows != 0 && i < m; ++i)
      if (overflowed(r[i])) {
        r[i] = 0;
        forget(static_cast<index_t>(first + i));
      }
    float* const w = weights + first;
    for (index_t i = 0; i < m; ++i) w[i] -= r[i];
    memset(static_cast<void*>(r), 0, m * sizeof *r);
  }
}

}  // namespace detail

/// A device that learns alone: the worker's model, optimizer and threshold, with nobody to send to. A weight moves when
/// its residual has risen to Wt, by all of it that weight units can say; so small updates are not rounded away, in small
/// integers too. With `always` as the threshold it is plain training.
///
/// All-zero until begin(); no heap; sizeof is all the RAM there is.
template <class Number, class Model, class Loss, class Optimizer, class Threshold, index_t Batch = 1>
class learner : public detail::inference<learner<Number, Model, Loss, Optimizer, Threshold, Batch>, Model, Loss,
                                         typename number<Number>::weight>,
                private detail::require_optimizer<Optimizer>,
                private detail::require_threshold<Threshold> {
  typedef detail::trainer<Number, Model, Loss, Optimizer, accumulate_only, Batch> training;

 public:
  typedef typename training::weight weight;
  typedef typename training::target target;

  /// Sets the initial weights from a seed and everything else to zero.
  void begin(Optimizer optimizer, Threshold threshold, uint32_t seed = 1) noexcept {
    memset(static_cast<void*>(this), 0, sizeof *this);
    policies_.set(policies{optimizer, threshold});
    training_.begin(seed, 0);
  }

  /// One batch: x[Batch][inputs], targets[Batch]. What rises to Wt moves the weights at once.
  template <class X, class T, class = typename enable_if<is_same<T, target>::value>::type>
  void train(const X* x, const T* targets) noexcept {
    training_.train(optimizer(), x, targets, 1);
    emit();
  }
  template <class X>
  void train(const X* x, target t) noexcept {
    static_assert(Batch == 1, "weir: with a batch of more than one sample, pass a pointer to the targets");
    train(x, &t);
  }

  /// Layers that carry state from batch to batch (recurrent ones, `carries_on`) begin anew with the next one.
  void begin_sequences() noexcept { training_.begin_sequences(); }

  /// The outputs for one sample, which predict, loss and hit use too; valid until the next call of anything here.
  template <class X>
  const weight* outputs(const X* x) noexcept {
    return training_.outputs(x);
  }

  /// The weights, to be saved and put back.
  span<weight> weights() noexcept { return span<weight>(training_.weights(), Model::parameters()); }
  /// What the last step moved.
  const gate_report& report() const noexcept { return gate_.report; }
  /// Updates to single cells that did not fit their residual, or that the threshold cut off.
  uint32_t saturated() const noexcept { return training_.saturated(); }

 private:
  struct policies {
    Optimizer optimizer;
    Threshold threshold;
  };
  const Optimizer& optimizer() const noexcept { return policies_.get().optimizer; }

  typedef detail::applied<weight> applied;

  /// Floats that all pass move their weights without a gate.
  void emit() noexcept {
    emit(bool_constant < is_same<Threshold, always>::value && is_same<weight, float>::value > ());
  }
  void emit(true_type) noexcept {
    typename training::folding fold(training_, optimizer());
    typename training::forgetting forget(training_, optimizer());
    detail::move_all(training_.weights(), training_.cells(), Model::parameters(), fold, forget);
    const gate_report report = {gate_.report.rounds + 1 == 0 ? 1 : gate_.report.rounds + 1,
                                0.0f,
                                Model::parameters(),
                                Model::parameters(),
                                0,
                                false,
                                0};
    gate_.report = report;
  }
  void emit(false_type) noexcept {
    gate(training_.cells(), Model::parameters(), worker_grid<number<Number>>::make(), policies_.get().threshold,
         applied{training_.weights()}, gate_, bytes(), typename training::folding(training_, optimizer()),
         typename training::forgetting(training_, optimizer()));
    if (detail::threshold_has_keep<Threshold>::value) training_.write_off(gate_.report.clipped);
  }

  training training_;
  detail::placed<policies> policies_;
  gate_state<Threshold, applied> gate_;
};

}  // namespace WEIR_ABI
}  // namespace weir
