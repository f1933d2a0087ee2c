// SPDX-License-Identifier: MIT
#include <weir/threshold/byte_budget.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <vector>
#include <weir/encoder/segmented.hpp>
#include <weir/encoder/sparse_value.hpp>
#include <weir/encoder/ternary.hpp>
#include <weir/gate.hpp>
#include <weir/segmented_gate.hpp>

using weir::gate_report;
using weir::index_t;

namespace {

const index_t cells = 20000;

/// Updates of a net: each cell has a scale of its own, log-normal with sigma 1.5, and 30 % never move.
struct rain {
  std::mt19937 rng;
  std::vector<float> scale, gaussian;

  explicit rain(uint32_t seed) : rng(seed), scale(cells), gaussian(1 << 16) {
    std::normal_distribution<float> normal;
    for (float& s : scale) s = rng() % 10 < 3 ? 0.0f : 0.01f * std::exp(1.5f * normal(rng));
    for (float& g : gaussian) g = normal(rng);
  }
  float on(index_t i) { return scale[i] * gaussian[rng() & 0xffff]; }
};

void add(float& cell, float update) { cell += update; }
void add(weir::fixed16<18>& cell, float update) {
  cell = cell + weir::fixed16<18>::from_raw(weir::saturate<int16_t>(std::lrint(update * 262144.0f)));
}

/// A node's residual in that rain, under a budget.
template <class Number, class Encoder = weir::ternary>
struct dam {
  typedef typename decltype(weir::worker_grid<Number>::make())::cell cell;

  weir::byte_budget threshold;
  weir::gate_state<weir::byte_budget, Encoder> state = {};
  rain updates;
  std::vector<cell> residual;
  std::vector<uint8_t> out;
  std::vector<double> written;  // bytes of each round

  dam(float budget, uint32_t seed, size_t frame_bytes = 100000)
      : threshold(budget), updates(seed), residual(cells), out(frame_bytes) {}

  void round(double size) {
    if (size > 0)
      for (index_t i = 0; i < cells; ++i) add(residual[i], static_cast<float>(size) * updates.on(i));
    written.push_back(static_cast<double>(weir::gate(residual.data(), cells, weir::worker_grid<Number>::make(),
                                                     threshold, Encoder(), state, weir::bytes(out.data(), out.size()),
                                                     weir::detail::no_fold(), weir::detail::no_forget())));
  }
  void rounds(int n, double size) {
    for (int i = 0; i < n; ++i) round(size);
  }
  /// Mean of rounds [from, to), in budgets.
  double mean(size_t from, size_t to) const {
    double sum = 0;
    for (size_t i = from; i < to; ++i) sum += written[i];
    return sum / static_cast<double>(to - from) / static_cast<double>(threshold.bytes);
  }
  /// The most that 20 rounds on end have written, in budgets.
  double worst_of_20() const {
    double worst = 0;
    for (size_t i = 0; i + 20 <= written.size(); ++i) worst = std::fmax(worst, mean(i, i + 20));
    return worst;
  }
};
typedef dam<weir::number<float>> float_dam;
typedef dam<weir::number<weir::fixed16<12>>> fixed_dam;

/// From 1 to a hundredth, as a cosine.
double falling(int round, int rounds) { return 0.01 + 0.99 * (1 + std::cos(3.14159265 * round / rounds)) / 2; }

struct known_mean {
  float value;
  float operator()() const { return value; }
};
struct nobody_asks {
  float operator()() const {
    FAIL("the mean costs a pass");
    return 0;
  }
};
gate_report report(uint32_t rounds, index_t hits, size_t bytes, bool full = false) {
  return {rounds, 1.0f, cells, hits, bytes, full};
}

}  // namespace

TEST_CASE("byte_budget: within a tenth of the budget after 100 rounds, never above 1.5 over any 20") {
  for (const float budget : {3.0f, 10.0f, 30.0f, 100.0f, 1000.0f}) {
    for (const uint32_t seed : {1u, 2u, 3u}) {
      CAPTURE(budget);
      CAPTURE(seed);
      float_dam even(budget, seed);
      even.rounds(600, 1);
      CHECK(even.mean(100, 600) == doctest::Approx(1.0).epsilon(0.02));
      for (size_t i = 100; i < 600; i += 100) CHECK(even.mean(i, i + 100) == doctest::Approx(1.0).epsilon(0.1));
      CHECK(even.worst_of_20() <= 1.5);

      float_dam less(budget, seed);  // and less
      for (int i = 0; i < 1000; ++i) less.round(falling(i, 1000));
      CHECK(less.mean(100, 1000) == doctest::Approx(1.0).epsilon(0.02));
      for (size_t i = 100; i < 1000; i += 100) CHECK(less.mean(i, i + 100) == doctest::Approx(1.0).epsilon(0.1));
      CHECK(less.worst_of_20() <= 1.5);
    }
  }
}

TEST_CASE("byte_budget: updates become ten times as large, and again a tenth") {
  for (const float budget : {30.0f, 100.0f, 1000.0f}) {
    CAPTURE(budget);
    float_dam d(budget, 4);
    d.rounds(200, 1);
    d.rounds(200, 10);
    d.rounds(400, 1);
    CHECK(d.mean(200, 300) == doctest::Approx(1.0).epsilon(0.1));  // more than enough to send: at once
    CHECK(d.mean(300, 400) == doctest::Approx(1.0).epsilon(0.1));
    CHECK(d.mean(500, 800) == doctest::Approx(1.0).epsilon(0.1));  // Wt first has to come down
    CHECK(d.worst_of_20() <= 1.5);
  }
}

TEST_CASE("byte_budget: nothing for 100 rounds, at the start and later, does not throw it") {
  for (const float budget : {30.0f, 100.0f, 1000.0f}) {
    CAPTURE(budget);
    float_dam d(budget, 5);
    d.rounds(100, 0);
    CHECK(d.mean(0, 100) == 0.0);
    CHECK(d.state.report.wt > 1e38f);
    d.rounds(300, 1);
    CHECK(d.written[100] > 0);
    CHECK(d.mean(200, 400) == doctest::Approx(1.0).epsilon(0.05));
    d.rounds(100, 0);
    d.rounds(200, 1);
    CHECK(d.mean(500, 700) == doctest::Approx(1.0).epsilon(0.1));
    CHECK(d.worst_of_20() <= 1.5);
  }
}

TEST_CASE("byte_budget: updates that come in bursts, between them nothing: the bound holds") {
  for (const float budget : {10.0f, 30.0f, 1000.0f}) {
    CAPTURE(budget);
    float_dam d(budget, 6);
    for (int i = 0; i < 600; ++i) d.round(i % 50 == 0 ? 100 : (i % 7 == 0 ? 1 : 0));
    CHECK(d.worst_of_20() <= 1.5);
    CHECK(d.mean(100, 600) > 0.5);
  }
}

TEST_CASE("byte_budget over residuals in 16 bits") {
  for (const float budget : {30.0f, 100.0f, 1000.0f}) {
    CAPTURE(budget);
    fixed_dam d(budget, 7);
    for (int i = 0; i < 1000; ++i) d.round(0.1 * falling(i, 1000));
    CHECK(d.mean(100, 1000) == doctest::Approx(1.0).epsilon(0.1));
    CHECK(d.worst_of_20() <= 1.5);
    fixed_dam even(budget, 8);
    even.rounds(400, 0.05);
    CHECK(even.mean(100, 400) == doctest::Approx(1.0).epsilon(0.1));
    CHECK(even.worst_of_20() <= 1.5);
  }
}

TEST_CASE("byte_budget: updates under the unit of the weights; Wt waits at that unit and does not run away") {
  fixed_dam d(1000.0f, 9);
  d.rounds(200, 0.0005);
  const float waits = d.state.wt;
  d.rounds(100, 0.0005);
  CHECK(d.mean(200, 300) < 0.5);
  CHECK(d.state.report.wt == 1.0f / 4096);
  CHECK(d.state.wt >= waits);
  d.rounds(200, 0.05);
  CHECK(d.mean(400, 500) == doctest::Approx(1.0).epsilon(0.1));
  CHECK(d.worst_of_20() <= 1.5);
}

TEST_CASE("byte_budget: more than cells can hold; Wt waits at their end and is back at once") {
  fixed_dam d(30.0f, 15);
  d.rounds(300, 10);
  CHECK(d.state.report.wt == 32767.0f / 262144);
  CHECK(d.state.wt < 1.0f);
  CHECK(d.mean(100, 300) == doctest::Approx(1.0).epsilon(0.1));
  CHECK(d.worst_of_20() <= 1.5);
}

TEST_CASE("byte_budget: a frame smaller than the budget is mostly used, and Wt finds its place all the same") {
  float_dam d(100.0f, 10, 60);
  d.rounds(400, 1);
  CHECK(d.mean(100, 400) > 0.4);
  float early = d.state.wt;
  d.rounds(200, 1);
  CHECK(d.state.wt < 1.5f * early);
  CHECK(d.state.wt > 0.66f * early);
}

TEST_CASE_TEMPLATE("byte_budget with other encoders", Encoder, weir::sparse32, weir::segmented<weir::ternary, 4>) {
  dam<weir::number<float>, Encoder> d(40.0f, 11);
  d.rounds(400, 1);
  CHECK(d.mean(100, 400) == doctest::Approx(1.0).epsilon(0.1));
  CHECK(d.worst_of_20() <= 1.5);
}

TEST_CASE("byte_budget: less than a byte a round is saved for") {
  float_dam d(0.5f, 12);
  d.rounds(1000, 1);
  CHECK(d.mean(200, 1000) == doctest::Approx(1.0).epsilon(0.1));
  for (const double bytes : d.written) REQUIRE(bytes <= weir::byte_budget::smallest_body());
}

TEST_CASE("byte_budget can be changed while it runs") {
  float_dam d(300.0f, 13);
  d.rounds(200, 1);
  d.threshold.bytes = 30.0f;
  d.rounds(300, 1);
  CHECK(d.mean(300, 500) == doctest::Approx(1.0).epsilon(0.1));
  double first = 0;
  for (size_t i = 200; i < 220; ++i) first += d.written[i];
  CHECK(first <= 1.5 * 20 * 30);  // what was saved under the old budget is not spent
  d.threshold.bytes = 600.0f;
  d.rounds(300, 1);
  CHECK(d.mean(600, 800) == doctest::Approx(1.0).epsilon(0.1));
}

TEST_CASE("byte_budget: a Wt that was far off comes back, in either direction") {
  for (const float start : {1e-12f, 1e-4f, 1e4f, 1e12f, 3e37f}) {
    CAPTURE(start);
    float_dam d(100.0f, 14);
    d.threshold.hint(d.state, start);
    d.rounds(300, 1);
    CHECK(d.mean(100, 300) == doctest::Approx(1.0).epsilon(0.1));
    CHECK(d.worst_of_20() <= 1.5);
  }
}

TEST_CASE("byte_budget starts where an exponential distribution would have it, or where it is told") {
  const weir::byte_budget t(103.0f);
  weir::byte_budget::state state = {};
  CHECK(t.next(state, report(0, 0, 0), known_mean{0.0f}) > 1e38f);  // nothing there: it waits, and asks again
  CHECK(t.next(state, report(1, 0, 0), known_mean{NAN}) > 1e38f);
  // 800 bits, p = 80 / 20,000: log2(1 / p) + 2.5 = 10.46 bits each, so 76.5 coordinates.
  const double wanted = -0.5 * std::log(76.5 / 20000);
  CHECK(t.next(state, report(2, 0, 0), known_mean{0.5f}) == doctest::Approx(wanted).epsilon(0.02));

  weir::byte_budget::state hinted = {};
  t.hint(hinted, 0.25f);
  CHECK(t.next(hinted, report(0, 0, 0), nobody_asks()) == 0.25f);
  t.hint(hinted, 4.0f);
  CHECK(hinted.wt == 0.25f);  // too late
}

TEST_CASE("byte_budget: room is what is saved, at most four budgets, and nothing under the smallest body") {
  const weir::byte_budget t(100.0f);
  const auto room = [](const weir::byte_budget& b, float account) {
    weir::byte_budget::state s = {1.0f, account, 0};
    return b.room(s, report(1, 1, 1));
  };
  CHECK(room(t, 1000.0f) == 400);
  CHECK(room(t, 399.9f) == 399);
  CHECK(room(t, 12.0f) == 12);
  CHECK(room(t, 11.9f) == 0);
  CHECK(room(t, -50.0f) == 0);
  CHECK(room(weir::byte_budget(3.0f), 30.0f) == 24);

  weir::byte_budget::state s = {};
  t.next(s, report(0, 0, 0), known_mean{1.0f});
  CHECK(s.account == 500.0f);  // half full
  t.next(s, report(1, 50, 80), nobody_asks());
  CHECK(s.account == 520.0f);
  for (uint32_t i = 2; i < 50; ++i) t.next(s, report(i, 50, 80), nobody_asks());
  CHECK(s.account == 1000.0f);
  t.next(s, report(50, 50, 100000), nobody_asks());
  CHECK(s.account == -1000.0f);
}

TEST_CASE("byte_budget: gain, early gain, limits, and the pull of the account") {
  const weir::byte_budget t(100.0f);
  const auto factor = [&](float account, uint8_t age, size_t bytes, bool full) {
    weir::byte_budget::state s = {1.0f, account, age};
    t.next(s, report(1, 1, bytes, full), nobody_asks());
    return static_cast<double>(s.wt);
  };
  const auto wanted = [](double step) { return doctest::Approx(std::exp(step)).epsilon(0.002); };
  const double late = 0.03 + 0.22 / (1 + 25.5 * 25.5);
  CHECK(factor(500, 255, 100, false) == wanted(0));  // on budget, half saved: it stays
  CHECK(factor(550, 255, 150, false) == wanted(late * 0.5));
  CHECK(factor(450, 255, 50, false) == wanted(late * -0.5));
  CHECK(factor(700, 255, 300, false) == wanted(late * 2));
  CHECK(factor(800, 255, 400, false) == wanted(late * 2));  // beyond three budgets it is no more
  CHECK(factor(450, 255, 50, true) == wanted(late * 2));    // a full frame: who knows how many more
  CHECK(factor(1000, 255, 100, false) == wanted(-0.01));    // much is saved: lower
  CHECK(factor(250, 255, 100, false) == wanted(0.005));
  CHECK(factor(450, 0, 50, false) == wanted(0.25 * -0.5));
  CHECK(factor(550, 10, 150, false) == wanted(0.14 * 0.5));

  weir::byte_budget::state s = {1.0f, 8.0f, 255};
  CHECK(t.next(s, report(1, 0, 0, true), nobody_asks()) == 1.0f);  // no room for one: nothing was seen
}

TEST_CASE(
    "byte_budget does not lower Wt for an idle fleet, and takes a fifth off every eighth pass if there is what to "
    "send") {
  const weir::byte_budget t(100.0f);
  weir::byte_budget::state s = {1.0f, 1000.0f, 255};
  for (uint32_t i = 1; i <= 100; ++i) t.next(s, report(i, 0, 0), known_mean{0.0f});
  CHECK(s.wt == 1.0f);
  for (uint32_t i = 1; i < 8; ++i) t.next(s, report(i, 0, 0), nobody_asks());
  CHECK(s.wt == 1.0f);
  t.next(s, report(8, 0, 0), known_mean{10.0f});  // all alike, say: the start formula is too high for them
  CHECK(s.wt == 0.8f);
  t.next(s, report(16, 0, 0), known_mean{0.001f});
  CHECK(1000 * s.wt == doctest::Approx(std::log(20000 / 76.5)).epsilon(0.02));
  CHECK(s.age == 0);
}

static_assert(sizeof(weir::byte_budget::state) <= 12, "a few bytes of RAM");
static_assert(weir::is_threshold<weir::byte_budget>::value, "");
static_assert(!weir::byte_budget::may_be_zero(), "");
