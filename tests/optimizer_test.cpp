// SPDX-License-Identifier: MIT
#include "support/residual_into.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <random>
#include <weir/optimizer/clipped.hpp>
#include <weir/optimizer/decayed.hpp>
#include <weir/optimizer/decayed_residual.hpp>
#include <weir/optimizer/momentum.hpp>
#include <weir/optimizer/nesterov.hpp>
#include <weir/optimizer/rate.hpp>
#include <weir/optimizer/sgd.hpp>

using namespace test_support;
using weir::index_t;

namespace {

constexpr index_t n = 13;
typedef weir::fixed16<12> q;

/// The textbook: velocity and residual in double.
struct reference {
  double mu, decay;
  bool nesterov;
  std::vector<double> u = std::vector<double>(n), r = std::vector<double>(n);

  void step(const double* w, const double* mean_gradient, double rate) {
    for (size_t i = 0; i < n; ++i) {
      const double g = mean_gradient[i] + decay * w[i];
      u[i] = mu * u[i] + g;
      r[i] += rate * (nesterov ? g + mu * u[i] : u[i]);
    }
  }
};

struct random_source {
  std::mt19937 rng;
  float operator()() { return static_cast<float>(rng() >> 8) / 8388608.0f - 1.0f; }
};

/// Runs both for `steps` steps on random gradients and returns the largest difference of a residual cell.
template <class Optimizer>
double difference(const Optimizer& o, reference want, double (*rate)(uint32_t), uint32_t steps, index_t parts,
                  bool forgetting) {
  typename Optimizer::template state<float, n> state = {};
  residual_into<float> into(n);
  random_source random{std::mt19937{5}};
  double worst = 0;
  for (uint32_t t = 0; t < steps; ++t) {
    float w[n], g[n];
    double dw[n], dg[n];
    for (size_t i = 0; i < n; ++i) {
      dw[i] = static_cast<double>(w[i] = random());
      g[i] = random();
      dg[i] = static_cast<double>(g[i]) / 4;
    }
    step(o, state, into, w, g, t, 4, 1, parts);  // g is the sum over a batch of four
    want.step(dw, dg, rate(t));
    if (forgetting && t % 3 == 0) {  // cell t % n was emitted
      o.forget(state, t % n);
      want.u[t % n] = 0;
      into.cells[t % n] = 0;
      want.r[t % n] = 0;
    }
    for (size_t i = 0; i < n; ++i) worst = std::fmax(worst, std::fabs(static_cast<double>(into.cells[i]) - want.r[i]));
  }
  return worst;
}

double tenth(uint32_t) { return 0.1; }
double halving(uint32_t t) { return 0.2 / static_cast<double>(1u << (t / 40)); }
double cosine(uint32_t t) { return t >= 150 ? 0.01 : 0.01 + 0.09 * 0.5 * (1 + std::cos(3.14159265358979 * t / 150)); }

}  // namespace

TEST_CASE("state is all the memory there is") {
  static_assert(std::is_empty<weir::sgd::state<float, n>>::value, "no RAM per weight");
  static_assert(sizeof(weir::momentum::state<float, n>) == n * sizeof(float), "the velocity");
  static_assert(sizeof(weir::momentum::state<q, n>) == n * 2, "in the weights' format");
  static_assert(sizeof(weir::nesterov::state<float, n>) == n * sizeof(float), "");
  static_assert(sizeof(weir::clipped<weir::decayed<weir::momentum>>::state<float, n>) == n * sizeof(float), "");
  static_assert(std::is_empty<weir::clipped<weir::decayed<weir::sgd>>::state<q, n>>::value, "");
  static_assert(std::is_trivial<weir::momentum::state<q, n>>::value, "all-zero storage");
  static_assert(!weir::sgd::folds() && weir::momentum::folds(), "");
  static_assert(!weir::sgd::needs_norm() && weir::clipped<weir::sgd>::needs_norm(), "");
  constexpr weir::clipped<weir::decayed<weir::nesterov>> constant(
      weir::decayed<weir::nesterov>(weir::nesterov(0.1f), 1e-4f), 5.0f);
  static_assert(constant.limit == 5.0f, "policies are constants");
}

TEST_CASE("three steps by hand, exact in binary") {
  const float w[1] = {0.0f}, g[3] = {8.0f, 0.0f, -4.0f};
  const auto run = [&](auto o) {
    typename decltype(o)::template state<float, 1> state = {};
    residual_into<float> into(1);
    for (uint32_t t = 0; t < 3; ++t) step(o, state, into, w, g + t, t);
    return into.cells[0];
  };
  CHECK(run(weir::sgd(0.5f)) == 4.0f + 0.0f - 2.0f);
  CHECK(run(weir::momentum(0.5f, 0.5f)) == 4.0f + 2.0f - 1.0f);  // u: 8, 4, -2
  CHECK(run(weir::decayed_residual(0.5f, 0.5f)) == (4.0f * 0.5f + 0.0f) * 0.5f - 2.0f);
  // g + mu u: 8 + 4, 0 + 2, -4 - 1
  CHECK(run(weir::nesterov(0.5f, 0.5f)) == 6.0f + 1.0f - 2.5f);
}

TEST_CASE("a decayed residual has no memory but itself, and in integers dies out") {
  static_assert(std::is_empty<weir::decayed_residual::state<float, n>>::value, "no RAM per weight");
  weir::decayed_residual::state<float, n> state = {};
  residual_into<float> into(n);
  random_source random{std::mt19937{9}};
  double want[n] = {};
  for (uint32_t t = 0; t < 200; ++t) {
    float g[n];
    for (size_t i = 0; i < n; ++i) {
      g[i] = random();
      want[i] = 0.95 * want[i] + 0.1 * static_cast<double>(g[i]);
    }
    step(weir::decayed_residual(0.1f, 0.95f), state, into, g, g, t);
    for (size_t i = 0; i < n; ++i)
      REQUIRE(static_cast<double>(into.cells[i]) == doctest::Approx(want[i]).epsilon(1e-4));
  }

  weir::decayed_residual::state<q, n> none = {};
  residual_into<q> cells(n);
  q g[n];
  for (size_t i = 0; i < n; ++i) g[i] = q(random());
  step(weir::decayed_residual(0.05f, 0.9f), none, cells, g, g, 0);
  const auto first = cells.cells;
  for (q& v : g) v = q();
  step(weir::decayed_residual(0.05f, 0.9f), none, cells, g, g, 1);
  for (size_t i = 0; i < n; ++i) {
    CHECK(std::abs(cells.cells[i].raw) <= std::abs(first[i].raw) * 9 / 10 + 1);
    CHECK(std::abs(cells.cells[i].raw) >= std::abs(first[i].raw) * 9 / 10 - 1);
  }
  for (uint32_t t = 2; t < 300; ++t) step(weir::decayed_residual(0.05f, 0.9f), none, cells, g, g, t);
  for (size_t i = 0; i < n; ++i) CHECK(cells.cells[i].raw == 0);
}

TEST_CASE("200 steps against the textbook, with each rate, folded whole and in ranges, with masking") {
  const weir::step_rate halves(0.2f, 40, 0.5f);
  const weir::cosine_rate half_cosine(0.1f, 150, 0.01f);
  for (const index_t parts : {index_t{1}, index_t{4}})
    for (const bool forgetting : {false, true}) {
      CAPTURE(parts);
      CAPTURE(forgetting);
      const reference plain{0, 0, false}, heavy{0.9, 0, false}, ahead{0.9, 0, true};
      CHECK(difference(weir::sgd(0.1f), plain, tenth, 200, parts, forgetting) < 1e-5);
      CHECK(difference(weir::momentum(0.1f, 0.9f), heavy, tenth, 200, parts, forgetting) < 2e-5);
      CHECK(difference(weir::nesterov(0.1f, 0.9f), ahead, tenth, 200, parts, forgetting) < 2e-5);
      CHECK(difference(weir::basic_sgd<weir::step_rate>(halves), plain, halving, 200, parts, forgetting) < 1e-5);
      CHECK(difference(weir::basic_momentum<weir::step_rate>(halves), heavy, halving, 200, parts, forgetting) < 2e-5);
      CHECK(difference(weir::basic_nesterov<weir::cosine_rate>(half_cosine), ahead, cosine, 200, parts, forgetting) <
            2e-5);
      CHECK(difference(weir::basic_momentum<weir::cosine_rate>(half_cosine), heavy, cosine, 200, parts, forgetting) <
            2e-5);
    }
}

TEST_CASE("weight decay joins the gradient, before momentum") {
  using weir::decayed;
  CHECK(difference(decayed<weir::sgd>(weir::sgd(0.1f), 0.25f), {0, 0.25, false}, tenth, 200, 2, false) < 1e-5);
  CHECK(difference(decayed<weir::momentum>(weir::momentum(0.1f), 0.25f), {0.9, 0.25, false}, tenth, 200, 2, true) <
        2e-5);
  CHECK(difference(decayed<weir::nesterov>(weir::nesterov(0.1f), 0.25f), {0.9, 0.25, true}, tenth, 200, 2, true) <
        2e-5);
}

TEST_CASE("rates") {
  const weir::constant_rate same(0.3f);
  CHECK(same.at(0) == 0.3f);
  CHECK(same.at(4000000000u) == 0.3f);
  const weir::step_rate falls(1.0f, 10, 0.5f);
  CHECK(falls.at(9) == 1.0f);
  CHECK(falls.at(10) == 0.5f);
  CHECK(falls.at(39) == 0.125f);
  CHECK(falls.at(4000000000u) == 0.0f);  // and ends
  CHECK(weir::step_rate(1.0f, 0, 0.5f).at(5) == 1.0f);
  const weir::cosine_rate cosine_rate(1.0f, 100, 0.2f);
  CHECK(cosine_rate.at(0) == 1.0f);
  CHECK(cosine_rate.at(50) == doctest::Approx(static_cast<double>(0.6f)));
  CHECK(cosine_rate.at(100) == 0.2f);
  CHECK(cosine_rate.at(4000000000u) == 0.2f);
  for (uint32_t t = 0; t < 100; ++t) CHECK(cosine_rate.at(t + 1) <= cosine_rate.at(t));
}

TEST_CASE("clipping: the mean gradient is cut to limit * sqrt(ranks), and keeps its direction") {
  const weir::clipped<weir::sgd> o(weir::sgd(1.0f), 0.5f);
  CHECK(o.shrink(0.5f, 1) == 1.0f);
  CHECK(o.shrink(0.0f, 1) == 1.0f);
  CHECK(o.shrink(2.0f, 1) == 0.25f);
  CHECK(o.shrink(2.0f, 4) == 0.5f);
  CHECK(o.shrink(2.0f, 16) == 1.0f);
  CHECK(o.shrink(2.0f, 100) == 1.0f);
  CHECK(o.shrink(2.0f, 0) == 0.25f);  // nobody told yet

  const float w[2] = {0, 0}, g[2] = {6.0f, 8.0f};  // summed over a batch of 5: mean (1.2, 1.6), length 2
  weir::clipped<weir::sgd>::state<float, 2> state;
  for (const uint16_t ranks : {uint16_t{1}, uint16_t{4}, uint16_t{16}}) {
    residual_into<float> into(2);
    step(o, state, into, w, g, 0, 5, ranks);
    const float length = std::fmin(2.0f, 0.5f * std::sqrt(static_cast<float>(ranks)));
    CHECK(into.cells[0] == doctest::Approx(static_cast<double>(0.6f * length)));
    CHECK(into.cells[1] == doctest::Approx(static_cast<double>(0.8f * length)));
  }
}

TEST_CASE("clipping around decay: decay is no part of the norm, and is not cut") {
  typedef weir::clipped<weir::decayed<weir::sgd>> policy;
  const policy o(weir::decayed<weir::sgd>(weir::sgd(1.0f), 0.5f), 1.0f);
  const float w[1] = {100.0f}, g[1] = {3.0f};
  policy::state<float, 1> state;
  residual_into<float> into(1);
  step(o, state, into, w, g, 0);
  CHECK(into.cells[0] == 50.0f + 1.0f);
}

TEST_CASE("masking: an emitted cell's velocity starts anew, no other does") {
  const weir::momentum o(1.0f, 0.5f);
  weir::momentum::state<float, 2> state = {};
  residual_into<float> into(2);
  const float w[2] = {0, 0}, g[2] = {8.0f, 8.0f}, none[2] = {0, 0};
  step(o, state, into, w, g, 0);
  o.forget(state, 0);
  step(o, state, into, w, none, 1);
  CHECK(into.cells[0] == 8.0f);
  CHECK(into.cells[1] == 8.0f + 4.0f);
}

TEST_CASE("fixed point: sgd adds exactly what its scale says, in the residual's finer unit") {
  const weir::sgd o(0.03125f);
  weir::sgd::state<q, 3> state;
  residual_into<q> into(3);
  const q w[3] = {}, g[3] = {q::from_raw(100), q::from_raw(-7), q::from_raw(0)};
  for (uint32_t t = 0; t < 5; ++t) step(o, state, into, w, g, t);
  CHECK(into.cells[0].raw == 5 * 200);  // 100 * 2^6 / 2^5
  CHECK(into.cells[1].raw == 5 * -14);
  CHECK(into.cells[2].raw == 0);
  CHECK(into.saturated == 0);

  const weir::sgd large(1.0f);
  const q most[3] = {q::from_raw(1000), q::from_raw(-1000), q::from_raw(1)};  // * 64: beyond 16 bits
  step(large, state, into, w, most, 0);
  CHECK(into.saturated == 2);
  CHECK(into.cells[0].raw == 32767);
  CHECK(into.cells[1].raw == -32767);
}

TEST_CASE("fixed point: momentum and nesterov follow the textbook to a few units a step") {
  for (const bool ahead : {false, true}) {
    reference want{0.5, 0, ahead};
    weir::momentum::state<q, n> heavy = {};
    weir::nesterov::state<q, n> nesterov = {};
    residual_into<q> into(n);
    random_source random{std::mt19937{6}};
    for (uint32_t t = 0; t < 20; ++t) {
      const q w[n] = {};
      q g[n];
      double dw[n] = {}, dg[n];
      for (size_t i = 0; i < n; ++i) {
        g[i] = q(random());
        dg[i] = static_cast<double>(weir::to_float(g[i]));
      }
      if (ahead) step(weir::nesterov(0.001f, 0.5f), nesterov, into, w, g, t);
      if (!ahead) step(weir::momentum(0.001f, 0.5f), heavy, into, w, g, t);
      want.step(dw, dg, static_cast<double>(0.001f));
    }
    CHECK(into.saturated == 0);
    for (size_t i = 0; i < n; ++i)
      CHECK(std::fabs(static_cast<double>(weir::to_float(into.cells[i])) - want.r[i]) < 30.0 / (1 << 18));
  }
}
