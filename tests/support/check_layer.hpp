// SPDX-License-Identifier: MIT
// What every layer promises, checked on the layer alone: its gradients equal central differences of its own forward pass,
// and it stays inside the memory that it asks for.
#pragma once

#include "gradient_buffer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>
#include <weir/policy/layer.hpp>

namespace test_support {

/// n numbers with a guard before and behind them.
template <class A>
class guarded {
 public:
  explicit guarded(size_t n, float fill = 0.0f) : cells_(n + 2 * guard, A(fill)) {
    for (size_t i = 0; i < guard; ++i) cells_[i] = cells_[guard + n + i] = A(7.0f);
  }
  A* data() { return cells_.data() + guard; }
  size_t size() const { return cells_.size() - 2 * guard; }
  A& operator[](size_t i) { return cells_[guard + i]; }
  bool intact() const {
    for (size_t i = 0; i < guard; ++i)
      if (cells_[i] != A(7.0f) || cells_[cells_.size() - 1 - i] != A(7.0f)) return false;
    return true;
  }

 private:
  static constexpr size_t guard = 16;
  std::vector<A> cells_;
};

/// One layer with all the memory it asks for and not a number more. Memory begins as rubbish, but for what is carried.
template <class L, class In, weir::index_t B, class A = float>
struct layer_bench {
  typedef typename L::template on<In> on;
  static constexpr size_t outputs = on::output::size();

  guarded<A> w{on::parameters()}, x{B * In::size()}, y{B * outputs, 5.0f}, dy{B * outputs}, dx{B * In::size(), 5.0f};
  guarded<A> kept{on::template kept<A>(B), 3.0f}, handed{on::template handed<A>(B), 3.0f},
      scratch{on::template scratch<A>(B), 3.0f}, carried{on::template carried<A>(B)};
  uint32_t chance = 0;

  /// Weights as the layer begins with them, plus noise of so much; inputs and output deltas in [-1, 1].
  explicit layer_bench(uint32_t seed, float noise = 0.25f) {
    std::mt19937 rng{seed};
    const auto unit = [&] { return static_cast<float>(rng() >> 8) / 8388608.0f - 1.0f; };
    weir::random_bits random(seed);
    on::initialize(w.data(), random);
    for (size_t i = 0; i < w.size(); ++i) w[i] = A(weir::to_float(w[i]) + noise * unit());
    for (size_t i = 0; i < x.size(); ++i) x[i] = A(unit());
    for (size_t i = 0; i < dy.size(); ++i) dy[i] = A(unit());
  }

  weir::layer_memory<A> memory() { return {kept.data(), handed.data(), scratch.data(), carried.data(), chance}; }
  void forward() {
    on::template forward<B>(static_cast<const A*>(w.data()), static_cast<const A*>(x.data()), y.data(), memory());
  }
  void backward() {
    on::template backward<B>(static_cast<const A*>(w.data()), static_cast<const A*>(x.data()),
                             static_cast<const A*>(y.data()), memory(), static_cast<const A*>(dy.data()), dx.data());
  }
  std::vector<float> gradient() {
    gradient_buffer sink(on::parameters());
    on::template gradient<B>(static_cast<const A*>(x.data()), static_cast<const A*>(y.data()), memory(),
                             static_cast<const A*>(dy.data()), sink, weir::index_t(0));
    return sink.g;
  }
  /// y . dy: what dx and the gradient are derivatives of.
  double value() {
    for (size_t i = 0; i < carried.size(); ++i) carried[i] = A();
    forward();
    double sum = 0;
    for (size_t i = 0; i < y.size(); ++i)
      sum += static_cast<double>(weir::to_float(y[i])) * static_cast<double>(weir::to_float(dy[i]));
    return sum;
  }
  void check_guards() {
    for (const guarded<A>* g : {&w, &x, &y, &dy, &dx, &kept, &handed, &scratch, &carried}) REQUIRE(g->intact());
  }
};

/// d value / d cell by a five-point formula: the error of h^4 is below what floats round.
template <class Bench>
double slope(Bench& bench, float& cell, float h) {
  const float there = cell;
  const auto at = [&](float step) {
    cell = there + step;
    return bench.value();
  };
  const double near = at(h) - at(-h), far = at(2 * h) - at(-2 * h);
  cell = there;
  return (8 * near - far) / (12 * static_cast<double>(h));
}

/// All of dx and of the gradient against slopes: within 1e-3 of the largest. `weights` says how many of the layer's weights
/// have a gradient that is the derivative of its outputs (batch norm's running means are none).
template <class L, class In, weir::index_t B>
void check_layer(uint32_t seeds = 5, float h = 1.0f / 64, weir::index_t weights = L::template on<In>::parameters(),
                 uint32_t chance = 0) {
  for (uint32_t seed = 1; seed <= seeds; ++seed) {
    CAPTURE(seed);
    layer_bench<L, In, B> bench(seed);
    bench.chance = chance;
    bench.value();
    bench.check_guards();
    const std::vector<float> outputs(bench.y.data(), bench.y.data() + bench.y.size());
    bench.backward();
    const std::vector<float> g = bench.gradient();
    bench.check_guards();
    const std::vector<float> dx(bench.dx.data(), bench.dx.data() + bench.dx.size());

    double most = 1e-3, worst = 0;
    for (size_t i = 0; i < dx.size(); ++i) {
      const double numerical = slope(bench, bench.x[i], h);
      most = std::max(most, std::fabs(numerical));
      worst = std::max(worst, std::fabs(numerical - static_cast<double>(dx[i])));
    }
    CHECK(worst <= 1e-3 * most);
    most = 1e-3, worst = 0;
    for (size_t i = 0; i < weights; ++i) {
      const double numerical = slope(bench, bench.w[i], h);
      most = std::max(most, std::fabs(numerical));
      worst = std::max(worst, std::fabs(numerical - static_cast<double>(g[i])));
    }
    CHECK(worst <= 1e-3 * most);
    bench.value();
    CHECK(std::equal(outputs.begin(), outputs.end(), bench.y.data()));  // a function of its arguments
    bench.check_guards();
  }
}

}  // namespace test_support
