// SPDX-License-Identifier: MIT
// A residual that optimizers fold into, and one step of a worker around it, in as few lines as the contract of
// weir/policy/optimizer.hpp allows.
#pragma once

#include <cmath>
#include <vector>
#include <weir/core/number.hpp>
#include <weir/kernel/axpy.hpp>

namespace test_support {

template <class Number>
struct residual_into {
  typedef typename weir::number<Number>::scale scale;
  typedef typename weir::number<Number>::residual cell;

  std::vector<cell> cells;
  weir::index_t saturated = 0;

  explicit residual_into(size_t n) : cells(n, cell()) {}

  weir::index_t size() const { return static_cast<weir::index_t>(cells.size()); }

  template <class Row>
  void add(weir::index_t offset, scale s, const Row* row, weir::index_t n) {
    saturated += weir::kernel::axpy(s, row, cells.data() + offset, n, weir::kernel::native());
  }
  void keep(scale s) { weir::kernel::scale(s, cells.data(), size(), weir::kernel::native()); }
};

template <class Optimizer, class State, class Into>
auto gathered(const Optimizer& o, State& state, Into& into, uint32_t number, uint16_t ranks, int)
    -> decltype(o.gathered(state, into, number, ranks)) {
  o.gathered(state, into, number, ranks);
}
template <class Optimizer, class State, class Into>
void gathered(const Optimizer&, State&, Into&, uint32_t, uint16_t, long) {}

/// One step with the summed gradient g of a batch. `parts` says in how many ranges the fold comes.
template <class Optimizer, class State, class Number, class Weight, class Gradient>
void step(const Optimizer& o, State& state, residual_into<Number>& into, const Weight* w, const Gradient* g,
          uint32_t number, uint32_t batch = 1, uint16_t ranks = 1, weir::index_t parts = 1) {
  const weir::index_t n = into.size();
  o.begin(state, into, w, number);
  float shrink = 1.0f;
  if (Optimizer::needs_norm()) {
    float norm2 = 0;
    for (weir::index_t i = 0; i < n; ++i) norm2 += weir::to_float(g[i]) * weir::to_float(g[i]);
    shrink = o.shrink(std::sqrt(norm2) / static_cast<float>(batch), ranks);
  }
  typedef typename residual_into<Number>::scale scale;
  const float factor = o.gain(number) * shrink / static_cast<float>(batch);
  o.rows(state, into).add(0, weir::make_scale<scale>(factor), g, n);
  gathered(o, state, into, number, ranks, 0);
  if (!Optimizer::folds()) return;
  for (weir::index_t p = 0; p < parts; ++p) {
    const weir::index_t first = static_cast<weir::index_t>(n * p / parts);
    const weir::index_t end = static_cast<weir::index_t>(n * (p + 1) / parts);
    o.fold(state, into, number, first, static_cast<weir::index_t>(end - first));
  }
}

}  // namespace test_support
