// SPDX-License-Identifier: MIT
// The only place that knows how a worker calls the gate and a coordinator applies an update: what is measured here is
// what they run, without a model around it.
#pragma once

#include <weir/weir.hpp>

namespace goals {
namespace {  // a copy in each unit: every unit is compiled for another instruction set

/// Momentum's memory, of a size that is known at run time only.
struct velocity {
  typedef float cell;
  typedef float scale;
  float* u;
};

/// What weir::detail::trainer::folding does with it.
class folding {
 public:
  folding(const weir::momentum& optimizer, velocity& state, float* residual, weir::index_t n) noexcept
      : optimizer_(optimizer), state_(state), residual_(residual), into_(residual, nullptr, n, chances_, saturated_) {}
  void all() noexcept {
    (*this)(0, into_.size());
    folded_ = true;
  }
  void operator()(weir::index_t first, weir::index_t n) noexcept {
    if (!folded_) optimizer_.fold(state_, into_, 0, first, n);
  }
  void fetch(weir::index_t i) noexcept { __builtin_prefetch(state_.u + i, 1); }
  weir::index_t operator()(weir::index_t first, weir::index_t n, float wt, uint16_t number, uint16_t* list) noexcept {
    if (folded_) return weir::kernel::list_hits(residual_ + first, n, wt, number, list, weir::kernel::native());
    const weir::fold_factors f = optimizer_.factors(0);
    return weir::kernel::fold_list_hits(f.rate, state_.u + first, f.keep, residual_ + first, n, wt, number, list,
                                        weir::kernel::native());
  }

 private:
  typedef weir::detail::fold_into<float, false> into;

  const weir::momentum& optimizer_;
  velocity& state_;
  float* residual_;
  into::chances chances_;
  uint32_t saturated_ = 0;
  into into_;
  bool folded_ = false;  // because somebody asked for the mean
};

/// What weir::detail::trainer::forgetting does.
struct forgetting {
  const weir::momentum& optimizer;
  velocity& state;
  void operator()(weir::index_t i) noexcept { optimizer.forget(state, i); }
};

typedef weir::gate_state<weir::fixed_wt, weir::ternary> gate_state;

/// r += rate * u; u *= mu; gate; encode: the pass of a worker that sends an update. Returns the size of the body.
template <class Threshold, class Encoder>
size_t worker_pass(const weir::momentum& optimizer, float* r, float* u, weir::index_t n, const Threshold& threshold,
                   const Encoder& encoder, weir::gate_state<Threshold, Encoder>& state, weir::bytes out) noexcept {
  velocity v = {u};
  return weir::gate(r, n, weir::worker_grid<weir::number<float>>::make(), threshold, encoder, state, out,
                    folding(optimizer, v, r, n), forgetting{optimizer, v});
}

/// The coordinator's weir::coordinator::take_in.
struct take_in {
  float* cells;
  uint16_t gain;
  uint32_t* saturated;
  void operator()(weir::index_t i, float v) const noexcept {
    if (!weir::add_value(cells[i], v, gain)) ++*saturated;
  }
  void fetch(weir::index_t i) const noexcept { __builtin_prefetch(cells + i, 1); }
};

/// Decodes an update and adds it to the coordinator's residual.
inline weir::status coordinator_apply(weir::const_bytes body, float* cells, weir::index_t n, uint16_t gain) noexcept {
  uint32_t saturated = 0;
  const take_in sink = {cells, gain, &saturated};
  return weir::detail::decode_into<weir::ternary, float, size_t{4} << 20>(body, n, sink);  // more than the caches hold
}

}  // namespace
}  // namespace goals
