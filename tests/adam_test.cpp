// SPDX-License-Identifier: MIT
#include "support/residual_into.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <vector>
#include <weir/optimizer/adam.hpp>
#include <weir/optimizer/clipped_in_buffer.hpp>
#include <weir/optimizer/sgd.hpp>
#include <weir/optimizer/signum.hpp>

using namespace test_support;
using weir::index_t;

namespace {

constexpr index_t n = 150;  // more than two of the blocks that updates are made in

struct run {
  std::mt19937 rng{7};
  std::vector<float> w = std::vector<float>(n), g = std::vector<float>(n);

  void draw() {
    for (float& v : w) v = unit();
    for (size_t i = 0; i < n; ++i) g[i] = unit() * static_cast<float>(1u << (i % 8));
  }
  float unit() { return static_cast<float>(rng() >> 8) / 8388608.0f - 1.0f; }
};

/// The paper's algorithm, in double.
struct textbook {
  double lambda;
  std::vector<double> m = std::vector<double>(n), v = std::vector<double>(n), r = std::vector<double>(n);

  void step(const run& at, uint32_t number, double batch, double rate) {
    for (size_t i = 0; i < n; ++i) {
      const double g = static_cast<double>(at.g[i]) / batch;
      m[i] = 0.9 * m[i] + 0.1 * g;
      v[i] = 0.999 * v[i] + 0.001 * g * g;
      const double t = number + 1;
      r[i] += rate * (m[i] / (1 - std::pow(0.9, t)) / (std::sqrt(v[i] / (1 - std::pow(0.999, t))) + 1e-8) +
                      lambda * static_cast<double>(at.w[i]));
    }
  }
};

template <class Optimizer>
double difference(const Optimizer& o, double lambda, index_t parts) {
  typename Optimizer::template state<float, n> state = {};
  residual_into<float> into(n);
  textbook want{lambda};
  run at;
  double worst = 0;
  for (uint32_t t = 0; t < 200; ++t) {
    at.draw();
    step(o, state, into, at.w.data(), at.g.data(), t, 4, 1, parts);
    want.step(at, t, 4, 0.01);
    if (t % 5 == 0) {  // cell t % n was emitted: its mean starts anew
      o.forget(state, t % n);
      want.m[t % n] = 0;
      into.cells[t % n] = 0;
      want.r[t % n] = 0;
    }
    for (size_t i = 0; i < n; ++i) worst = std::fmax(worst, std::fabs(static_cast<double>(into.cells[i]) - want.r[i]));
  }
  return worst;
}

}  // namespace

TEST_CASE("adam and adamw: 200 steps against the textbook, folded whole and in ranges, with masking") {
  static_assert(sizeof(weir::adam::state<float, n>) == 3 * n * sizeof(float), "three floats a weight");
  for (const index_t parts : {1u, 7u}) {
    CHECK(difference(weir::adam(0.01f), 0, parts) < 2e-5);
    CHECK(difference(weir::adamw(0.01f, 0.1f), 0.1, parts) < 2e-5);
  }
}

TEST_CASE("adam: the first step moves each weight by the rate, whatever the scale of its gradient") {
  weir::adam::state<float, 3> state = {};
  residual_into<float> into(3);
  const float w[3] = {}, g[3] = {1e-3f, -50.0f, 2.0f};
  step(weir::adam(0.125f), state, into, w, g, 0);
  CHECK(into.cells[0] == doctest::Approx(0.125).epsilon(1e-4));
  CHECK(into.cells[1] == doctest::Approx(-0.125).epsilon(1e-4));
  CHECK(into.cells[2] == doctest::Approx(0.125).epsilon(1e-4));
}

TEST_CASE("signum: the sign of the momentum times the rate; in integers, too") {
  static_assert(sizeof(weir::signum::state<float, n>) == n * sizeof(float), "one float a weight");
  weir::signum::state<float, 3> state = {};
  residual_into<float> into(3);
  const float w[3] = {}, first[3] = {4.0f, -0.25f, 0.0f}, second[3] = {-1.0f, 1.0f, 0.0f};
  const weir::signum o(0.125f, 0.5f);
  step(o, state, into, w, first, 0);
  CHECK((into.cells == std::vector<float>{0.125f, -0.125f, 0.0f}));
  step(o, state, into, w, second, 1);  // 2 - 1 > 0; -0.125 + 1 > 0
  CHECK((into.cells == std::vector<float>{0.25f, 0.0f, 0.0f}));

  typedef weir::fixed16<12> q;
  weir::signum::state<q, 40> fixed_state = {};
  residual_into<q> fixed_into(40);  // in units of 2^-18
  std::vector<q> weights(40), rows(40);
  for (size_t i = 0; i < 40; ++i) rows[i] = q(static_cast<float>(static_cast<int>(i % 3) - 1) * 0.25f);
  step(weir::signum(0.0625f), fixed_state, fixed_into, weights.data(), rows.data(), 0);
  for (size_t i = 0; i < 40; ++i) CHECK(fixed_into.cells[i].raw == (static_cast<int>(i % 3) - 1) * 16384);
}

TEST_CASE("clipping with a buffer: the same as without, for any optimizer, and nothing stays in the buffer") {
  const weir::clipped_in_buffer<weir::momentum> o(weir::momentum(0.1f), 0.5f);
  weir::clipped_in_buffer<weir::momentum>::state<float, n> state = {};
  static_assert(sizeof state == 2 * n * sizeof(float), "one float a weight more");
  residual_into<float> into(n);
  std::vector<double> u(n), r(n);
  run at;
  for (uint32_t t = 0; t < 50; ++t) {
    at.draw();
    const float scale = t % 2 == 0 ? 1.0f : 1e-3f;  // too long, and short enough
    for (float& v : at.g) v *= scale;
    step(o, state, into, at.w.data(), at.g.data(), t, 4, 9);
    double norm2 = 0;
    for (const float v : at.g) norm2 += static_cast<double>(v) * static_cast<double>(v) / 16;
    const double share = std::fmin(1.0, 0.5 * 3 / std::sqrt(norm2));
    CHECK((t % 2 == 0) == (share < 1));
    for (size_t i = 0; i < n; ++i) {
      u[i] = 0.9 * u[i] + share * static_cast<double>(at.g[i]) / 4;
      r[i] += 0.1 * u[i];
      REQUIRE(std::fabs(static_cast<double>(into.cells[i]) - r[i]) < 1e-5);
      REQUIRE(state.gathered.u[i] == 0.0f);
    }
  }

  const weir::clipped_in_buffer<weir::sgd> plain(weir::sgd(0.5f),
                                                 1.0f);  // whose rows go into the residual, times the rate
  weir::clipped_in_buffer<weir::sgd>::state<float, 2> plain_state = {};
  residual_into<float> plain_into(2);
  const float w[2] = {}, g[2] = {3.0f, -4.0f};
  step(plain, plain_state, plain_into, w, g, 0);
  CHECK(plain_into.cells[0] == doctest::Approx(0.3));
  CHECK(plain_into.cells[1] == doctest::Approx(-0.4));
}
