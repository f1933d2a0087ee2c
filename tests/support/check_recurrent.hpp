// SPDX-License-Identifier: MIT
// What recurrent layers promise beyond what every layer does. A family is the three kinds of a layer:
//   kind();  layer<Hidden, Returns, Starts>
#pragma once

#include "check_layer.hpp"
#include "learn_twice.hpp"
#include "reference_recurrent.hpp"

#include <cmath>
#include <limits>
#include <weir/core/number.hpp>
#include <weir/nn/dense.hpp>
#include <weir/nn/recurrent.hpp>
#include <weir/nn/softmax_cross_entropy.hpp>
#include <weir/nn/stepper.hpp>

namespace test_support {

using weir::all_outputs;
using weir::carries_on;
using weir::last_output;
using weir::starts_anew;

/// Outputs of B samples against the equations; weights as large as those that training makes.
template <class Family, weir::index_t T, weir::index_t F, weir::index_t H, weir::index_t B>
void check_equations(uint32_t seed) {
  CAPTURE(T);
  CAPTURE(F);
  CAPTURE(H);
  CAPTURE(B);
  std::mt19937 rng{seed};
  const auto unit = [&] { return static_cast<double>(rng() >> 8) / 8388608.0 - 1.0; };
  const reference_recurrent reference = {Family::kind(), F, H};
  const torch_weights torch = reference.random_weights(unit);
  const std::vector<float> w = reference.to_weir(torch);

  layer_bench<typename Family::template layer<H, all_outputs, starts_anew>, weir::shape<T, F>, B> all(seed);
  layer_bench<typename Family::template layer<H, last_output, starts_anew>, weir::shape<T, F>, B> last(seed);
  REQUIRE(all.w.size() == w.size());
  std::copy(w.begin(), w.end(), all.w.data());
  std::copy(w.begin(), w.end(), last.w.data());
  all.forward();
  last.forward();
  all.check_guards();
  last.check_guards();
  for (size_t b = 0; b < B; ++b) {
    const std::vector<double> want = reference.run(torch, all.x.data() + b * T * F, T);
    double worst = 0;
    for (size_t i = 0; i < T * H; ++i)
      worst = std::fmax(worst, std::fabs(static_cast<double>(all.y[b * T * H + i]) - want[i]));
    for (size_t i = 0; i < H; ++i)
      worst = std::fmax(worst, std::fabs(static_cast<double>(last.y[b * H + i]) - want[(T - 1) * H + i]));
    CHECK(worst <= 1e-5);  // sums of up to 40 products, and errors go on from step to step
  }
}

/// Gradients, by every way in which sums over steps and samples are cut.
template <class Family, class Returns>
void check_gradients() {
  check_layer<typename Family::template layer<4, Returns, starts_anew>, weir::shape<3, 2>, 1>();
  check_layer<typename Family::template layer<4, Returns, starts_anew>, weir::shape<3, 2>, 2>();
  check_layer<typename Family::template layer<5, Returns, starts_anew>, weir::shape<2, 3>, 5>();
  check_layer<typename Family::template layer<3, Returns, starts_anew>, weir::shape<5, 4>, 3>();
  check_layer<typename Family::template layer<3, Returns, carries_on>, weir::shape<4, 2>, 3>();
  check_layer<typename Family::template layer<1, Returns, starts_anew>, weir::shape<1, 1>, 1>();
  check_layer<typename Family::template layer<2, Returns, starts_anew>, weir::shape<1, 3>, 4>();
  check_layer<typename Family::template layer<18, Returns, starts_anew>, weir::shape<2, 17>, 2>(2);
}

/// A sink that lets whole products be added.
struct cells_buffer : gradient_buffer {
  using gradient_buffer::gradient_buffer;
  float* cells(weir::index_t offset) { return g.data() + offset; }
  static float scale_of_cells() { return 1; }
};

/// Products into cells are the rows, but for rounding.
template <class Family, class Returns, class Starts, weir::index_t T, weir::index_t B>
void check_cells() {
  layer_bench<typename Family::template layer<7, Returns, Starts>, weir::shape<T, 5>, B> bench(3);
  typedef typename decltype(bench)::on on;
  bench.chance = 1;
  bench.forward();
  bench.backward();
  const std::vector<float> rows = bench.gradient();
  cells_buffer whole(on::parameters());
  on::template gradient<B>(static_cast<const float*>(bench.x.data()), static_cast<const float*>(bench.y.data()),
                           bench.memory(), static_cast<const float*>(bench.dy.data()), whole, weir::index_t(0));
  for (size_t i = 0; i < rows.size(); ++i)
    REQUIRE(static_cast<double>(whole.g[i]) == doctest::Approx(static_cast<double>(rows[i])).epsilon(1e-4));
}

/// A bench whose passes begin with the same state, and not with zero.
template <class L, class In, weir::index_t B>
struct carrying_bench : layer_bench<L, In, B> {
  std::vector<float> start;

  explicit carrying_bench(uint32_t seed) : layer_bench<L, In, B>(seed) {
    this->chance = 5;
    std::mt19937 rng{seed + 77};
    for (size_t i = 0; i < this->carried.size(); ++i)
      start.push_back(static_cast<float>(rng() >> 8) / 8388608.0f - 1.0f);
  }
  double value() {
    std::copy(start.begin(), start.end(), this->carried.data());
    this->forward();
    double sum = 0;
    for (size_t i = 0; i < this->y.size(); ++i)
      sum += static_cast<double>(this->y[i]) * static_cast<double>(this->dy[i]);
    return sum;
  }
};

/// The gradient of a batch that goes on is that of its outputs, where the state that it began with is given.
template <class Family, class Returns, weir::index_t T, weir::index_t B>
void check_carried_gradient() {
  carrying_bench<typename Family::template layer<4, Returns, carries_on>, weir::shape<T, 3>, B> bench(9);
  bench.value();
  bench.backward();
  const std::vector<float> g = bench.gradient(), dx(bench.dx.data(), bench.dx.data() + bench.dx.size());
  bench.check_guards();
  for (size_t i = 0; i < g.size(); ++i)
    REQUIRE(static_cast<double>(g[i]) == doctest::Approx(slope(bench, bench.w[i], 1.0f / 64)).epsilon(1e-3).scale(5));
  for (size_t i = 0; i < dx.size(); ++i)
    REQUIRE(static_cast<double>(dx[i]) == doctest::Approx(slope(bench, bench.x[i], 1.0f / 64)).epsilon(1e-3).scale(5));
}

/// Two batches, the second of which goes on, are one of twice the steps, to the bit.
template <class Family, weir::index_t B>
void check_carrying() {
  constexpr weir::index_t T = 3, F = 2, H = 5;
  layer_bench<typename Family::template layer<H, all_outputs, starts_anew>, weir::shape<2 * T, F>, B> whole(4);
  layer_bench<typename Family::template layer<H, all_outputs, carries_on>, weir::shape<T, F>, B> part(4);
  layer_bench<typename Family::template layer<H, last_output, carries_on>, weir::shape<T, F>, B> last(4);
  whole.forward();
  std::copy(whole.w.data(), whole.w.data() + whole.w.size(), part.w.data());
  std::copy(whole.w.data(), whole.w.data() + whole.w.size(), last.w.data());
  part.chance = last.chance = 1;
  for (size_t half = 0; half < 2; ++half) {
    for (size_t b = 0; b < B; ++b) {
      const float* const from = whole.x.data() + (2 * b + half) * T * F;
      std::copy(from, from + T * F, part.x.data() + b * T * F);
      std::copy(from, from + T * F, last.x.data() + b * T * F);
    }
    part.forward();
    last.forward();
    for (size_t b = 0; b < B; ++b) {
      const float* const want = whole.y.data() + (2 * b + half) * T * H;
      CHECK(std::equal(want, want + T * H, part.y.data() + b * T * H));
      CHECK(std::equal(want + (T - 1) * H, want + T * H, last.y.data() + b * H));
    }
  }

  // Out of training: from zero, and what is carried stays.
  const std::vector<float> carried(part.carried.data(), part.carried.data() + part.carried.size());
  for (size_t b = 0; b < B; ++b)
    std::copy(whole.x.data() + 2 * b * T * F, whole.x.data() + (2 * b + 1) * T * F, part.x.data() + b * T * F);
  part.chance = 0;
  part.forward();
  for (size_t b = 0; b < B; ++b)
    CHECK(std::equal(part.y.data() + b * T * H, part.y.data() + (b + 1) * T * H, whole.y.data() + 2 * b * T * H));
  CHECK(std::equal(carried.begin(), carried.end(), part.carried.data()));

  // A sample whose state is no number begins anew; the others go on.
  part.chance = 1;
  part.forward();
  const std::vector<float> going_on(part.y.data(), part.y.data() + part.y.size());
  std::copy(carried.begin(), carried.end(), part.carried.data());
  part.carried[part.carried.size() - H + 1] = std::numeric_limits<float>::quiet_NaN();  // of the last sample
  part.forward();
  CHECK(std::equal(going_on.begin(), going_on.end() - T * H, part.y.data()));
  CHECK(std::equal(part.y.data() + (B - 1) * T * H, part.y.data() + B * T * H, whole.y.data() + 2 * (B - 1) * T * H));
  part.check_guards();
}

/// Step by step, a model gives what it gives for sequences that end there.
template <class Net, class A, class X = A>
void check_stepper(uint32_t seed) {
  typedef weir::detail::sequence<typename Net::input_shape> sequence;
  std::mt19937 rng{seed};
  std::vector<A> w(Net::parameters());
  std::vector<X> x(Net::inputs());
  Net::initialize(w.data(), seed);
  for (A& v : w) v = A(weir::to_float(v) + static_cast<float>(rng() >> 8) / 33554432.0f);
  for (X& v : x) v = X(static_cast<float>(rng() >> 8) / 8388608.0f - 1.0f);
  std::vector<A> cells(Net::template elements<A>(1));
  const A* const y = Net::template forward<1>(static_cast<const A*>(w.data()), static_cast<const X*>(x.data()),
                                              static_cast<A*>(cells.data()));
  static weir::stepper<Net, A> now;
  REQUIRE(now.inputs() == sequence::features());
  for (int life = 0; life < 2; ++life) {
    const A* at = nullptr;
    for (size_t t = 0; t < sequence::steps(); ++t)
      at = now.step(static_cast<const A*>(w.data()), x.data() + t * sequence::features());
    const size_t n = now.outputs();
    CHECK(std::equal(at, at + n, y + Net::outputs() - n));  // all_outputs: the last of them
    now.begin();
  }
}

/// Outputs and gradient of `Rep` against those of floats with the same weights and samples: the largest differences.
struct distance {
  float output, gradient;
};
template <class L, class In, weir::index_t B, class Q>
distance fixed_against_float(uint32_t seed) {
  layer_bench<L, In, B, Q> q(seed, 0.1f);
  layer_bench<L, In, B> f(seed);
  for (size_t i = 0; i < f.w.size(); ++i) f.w[i] = weir::to_float(q.w[i]);
  for (size_t i = 0; i < f.x.size(); ++i) f.x[i] = weir::to_float(q.x[i]);
  for (size_t i = 0; i < f.dy.size(); ++i) f.dy[i] = weir::to_float(q.dy[i]);
  q.forward(), f.forward();
  distance d = {0, 0};
  for (size_t i = 0; i < f.y.size(); ++i) d.output = std::fmax(d.output, std::fabs(weir::to_float(q.y[i]) - f.y[i]));
  q.backward(), f.backward();
  q.check_guards();
  const std::vector<float> got = q.gradient(), want = f.gradient();
  for (size_t i = 0; i < got.size(); ++i) d.gradient = std::fmax(d.gradient, std::fabs(got[i] - want[i]));
  for (size_t i = 0; i < f.dx.size(); ++i)
    d.gradient = std::fmax(d.gradient, std::fabs(weir::to_float(q.dx[i]) - f.dx[i]));
  return d;
}

/// Inputs, weights and deltas at the ends of their ranges: all results stay in range, whatever overflows on the way.
template <class Family, class Q>
void check_saturating() {
  layer_bench<typename Family::template layer<4, all_outputs, starts_anew>, weir::shape<6, 3>, 2, Q> bench(1);
  const auto rep = weir::raw_range<typename Q::rep>::highest();
  uint32_t bits = 1;
  const auto extreme = [&] {
    bits = weir::scramble(bits + 1);
    return Q::from_raw((bits & 1) != 0 ? rep : static_cast<typename Q::rep>(-rep));
  };
  for (size_t i = 0; i < bench.w.size(); ++i) bench.w[i] = extreme();
  for (size_t i = 0; i < bench.x.size(); ++i) bench.x[i] = extreme();
  for (size_t i = 0; i < bench.dy.size(); ++i) bench.dy[i] = extreme();
  bench.forward();
  bench.backward();
  bench.gradient();
  bench.check_guards();
  const float one = std::fmin(1.0f, weir::to_float(Q::from_raw(rep)));
  for (size_t i = 0; i < bench.y.size(); ++i) CHECK(std::fabs(weir::to_float(bench.y[i])) <= one);
}

/// Outputs, gradient and dx in fixed point of a batch of two, hashed: integers all of them.
template <class L>
uint32_t hash_of_fixed() {
  typedef weir::fixed16<12> q;
  layer_bench<L, weir::shape<4, 3>, 2, q> bench(1, 0);
  uint32_t hash = 0;
  const auto add = [&](guarded<q>& all) {
    for (size_t i = 0; i < all.size(); ++i) hash = weir::mix(hash, static_cast<uint16_t>(all[i].raw));
  };
  bench.forward();
  add(bench.y);
  bench.backward();
  add(bench.dx);
  add(bench.kept);
  return hash;
}

}  // namespace test_support
