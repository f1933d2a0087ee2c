// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>
#include <weir/threshold/always.hpp>
#include <weir/threshold/fixed_wt.hpp>
#include <weir/threshold/target_density.hpp>
#include <weir/threshold/warm_up.hpp>

using weir::gate_report;
using weir::index_t;

namespace {

struct known_mean {
  float value;
  float operator()() const { return value; }
};

gate_report report(uint32_t rounds, float wt, index_t cells, index_t hits, bool full = false) {
  return {rounds, wt, cells, hits, 0, full};
}

/// A residual under one threshold: noise comes in, what rises to Wt goes out.
template <class Threshold>
struct dam {
  Threshold threshold;
  typename Threshold::state state = {};
  gate_report last = report(0, 0, 0, 0);
  std::vector<float> residual;
  std::mt19937 rng{1};
  index_t capacity;

  dam(Threshold t, index_t cells, index_t capacity_ = 0xffffffff)
      : threshold(t), residual(cells, 0.0f), capacity(capacity_) {
    last.cells = cells;
  }

  /// Adds an exponential magnitude times `size`, of either sign, to every cell.
  void rain(float size) {
    for (float& r : residual) {
      const float unit = (static_cast<float>(rng() >> 8) + 1.0f) / 16777217.0f;
      r -= size * std::log(unit) * ((rng() & 1) != 0 ? 1.0f : -1.0f);
    }
  }
  float mean() const {
    double sum = 0;
    for (const float r : residual) sum += static_cast<double>(std::fabs(r));
    return static_cast<float>(sum / static_cast<double>(residual.size()));
  }
  /// One round; returns the density of what passed.
  double round() {
    const float wt = threshold.next(state, last, [this] { return mean(); });
    gate_report now = report(last.rounds + 1, wt, static_cast<index_t>(residual.size()), 0);
    for (float& r : residual) {
      if (std::fabs(r) < wt) continue;
      if (now.hits == capacity) {
        now.full = true;
        break;
      }
      r = 0;
      ++now.hits;
    }
    last = now;
    return static_cast<double>(now.hits) / static_cast<double>(residual.size());
  }
  double rain_and_round(float size, int rounds) {
    double density = 0;
    for (int i = 0; i < rounds; ++i) {
      rain(size);
      density = round();
    }
    return density;
  }
};

}  // namespace

TEST_CASE("always: Wt is 0, and says that it may be") {
  weir::always::state state;
  CHECK(weir::always().next(state, report(3, 1.0f, 10, 5), known_mean{1.0f}) == 0.0f);
  static_assert(weir::always::may_be_zero(), "");
}

TEST_CASE("fixed_wt: Wt is what it was given, whatever happens") {
  weir::fixed_wt::state state;
  CHECK(weir::fixed_wt(0.25f).next(state, report(0, 0, 10, 0), known_mean{0.0f}) == 0.25f);
  CHECK(weir::fixed_wt(0.25f).next(state, report(9, 0.25f, 10, 10, true), known_mean{5.0f}) == 0.25f);
  static_assert(!weir::fixed_wt::may_be_zero(), "");
  static_assert(sizeof(weir::target_density::state) == sizeof(float), "one float of memory");
}

TEST_CASE("target_density starts where an exponential distribution would have it") {
  const weir::target_density t(0.01f);
  weir::target_density::state state = {};
  CHECK(t.next(state, report(0, 0, 1000, 0), known_mean{0.5f}) ==
        doctest::Approx(0.5 * std::log(100.0)).epsilon(0.005));
  dam<weir::target_density> d(weir::target_density(0.05f), 20000);
  d.rain(2.0f);
  CHECK(d.round() == doctest::Approx(0.05).epsilon(0.05));  // at once
}

TEST_CASE("target_density: the dead band, half of the way, and bounded steps") {
  const weir::target_density t(0.1f);
  const auto after = [&](index_t hits, bool full) {
    weir::target_density::state state = {1.0f};
    return t.next(state, report(1, 1.0f, 1000, hits, full), known_mean{0.4f});  // the start formula says 0.92
  };
  const auto factor = [](double ratio) {
    return doctest::Approx(std::fmin(2.0, 1 + 0.5 * (std::fmin(ratio, 6.0) - 1) / std::log(10.0))).epsilon(0.005);
  };
  for (const index_t hits : {index_t{80}, index_t{100}, index_t{125}}) CHECK(after(hits, false) == 1.0f);
  CHECK(after(79, false) == factor(80.0 / 101));
  CHECK(after(126, false) == factor(127.0 / 101));
  CHECK(after(300, false) == factor(301.0 / 101));
  CHECK(after(1000, false) == factor(1001.0 / 101));
  CHECK(after(0, false) == factor(1.0 / 101));
  // A full frame says that there was more, however few fitted.
  CHECK(after(100, true) == factor(4.0));
  CHECK(after(3, true) == factor(4.0));
  CHECK(after(600, true) == factor(601.0 / 101));
}

TEST_CASE("target_density starts again where Wt is far off") {
  const weir::target_density t(0.1f);
  const auto after = [&](index_t hits, bool full, float mean) {
    weir::target_density::state state = {1.0f};
    return t.next(state, report(1, 1.0f, 1000, hits, full), known_mean{mean});
  };
  const float start = -0.6931472f * weir::rough_log2(0.1f);
  CHECK(after(0, false, 0.1f) == doctest::Approx(static_cast<double>(0.1f * start)));  // nothing passes: down
  CHECK(after(0, false, 10.0f) < 1.0f);                                                // but never up
  CHECK(after(0, false, 0.0f) == 1.0f);                                                // an empty residual: wait
  CHECK(after(1000, false, 1.0f) == doctest::Approx(static_cast<double>(start)));      // nearly all passes: up
  CHECK(after(10, true, 1.0f) == doctest::Approx(static_cast<double>(start)));
  CHECK(after(1000, false, 0.01f) > 1.0f);  // but never down
  CHECK(after(200, false, 9.0f) < 2.0f);    // twice the wanted is not far off
}

TEST_CASE("target_density before the first pass keeps its start") {
  const weir::target_density t(0.1f);
  weir::target_density::state state = {0.75f};
  CHECK(t.next(state, report(0, 0, 1000, 0), known_mean{9.0f}) == 0.75f);
}

TEST_CASE("target_density holds its density, on average and round by round") {
  for (const float density : {0.001f, 0.01f, 0.1f}) {
    CAPTURE(density);
    const double wanted = static_cast<double>(density);
    dam<weir::target_density> d(weir::target_density(density), 20000);
    for (const float size : {1.0f, 30.0f, 1.0f}) {
      CAPTURE(size);
      d.rain_and_round(size, 300);
      double sum = 0, most = 0;
      for (int i = 0; i < 100; ++i) {
        const double now = d.rain_and_round(size, 1);
        sum += now;
        most = std::fmax(most, now);
      }
      CHECK(sum / 100 > 0.7 * wanted);
      CHECK(sum / 100 < 1.4 * wanted);
      CHECK(most < 10 * wanted);
    }
  }
}

TEST_CASE("target_density comes back from far away, in either direction") {
  for (const float start : {1e-12f, 1e-4f, 1e4f, 1e12f, 3e37f}) {
    CAPTURE(start);
    dam<weir::target_density> d(weir::target_density(0.01f), 5000);
    d.state.wt = start;
    d.last.rounds = 1;
    d.last.hits = start < 1 ? 5000u : 0u;
    const double density = d.rain_and_round(1.0f, 140);
    CHECK(density > 0.005);
    CHECK(density < 0.02);
  }
}

TEST_CASE("target_density with small frames: full ones raise Wt until what passes fits") {
  dam<weir::target_density> d(weir::target_density(0.1f), 5000, 50);  // wants 500, has room for 50
  d.rain_and_round(1.0f, 10);
  const float early = d.last.wt;
  d.rain_and_round(1.0f, 30);
  CHECK(d.last.wt > early);
}

TEST_CASE("target_density: an empty residual lets nothing pass and is asked again; a later one is met at once") {
  dam<weir::target_density> d(weir::target_density(0.01f), 5000);
  for (int i = 0; i < 5; ++i) CHECK(d.round() == 0.0);
  CHECK(d.last.wt > 1e38f);
  d.rain(1e-3f);
  CHECK(d.round() == doctest::Approx(0.01).epsilon(0.3));
}

TEST_CASE("target_density: an idle fleet does not lose its Wt") {
  dam<weir::target_density> d(weir::target_density(0.01f), 5000);
  d.rain_and_round(1.0f, 20);
  const float before = d.last.wt;
  for (float& r : d.residual) r = 0;  // all sent, and nothing new for a long time
  for (int i = 0; i < 1000; ++i) REQUIRE(d.round() == 0.0);
  CHECK(d.last.wt == doctest::Approx(static_cast<double>(before)).epsilon(0.2));
  CHECK(d.rain_and_round(1.0f, 5) < 0.05);
}

TEST_CASE("target_density is never stuck: whatever the residual holds, something passes within a few rounds") {
  for (const float value : {1e-20f, 1.0f, 1e20f}) {
    dam<weir::target_density> equal(weir::target_density(0.01f), 1000);
    equal.residual.assign(1000, value);  // the start formula would have Wt at 4.6 times the largest cell
    int rounds = 0;
    while (equal.round() == 0.0 && rounds < 30) ++rounds;
    CHECK(rounds <= 16);

    dam<weir::target_density> lone(weir::target_density(0.01f), 1000);
    lone.residual[17] = value;
    rounds = 0;
    while (lone.round() == 0.0 && rounds < 20) ++rounds;
    CHECK(rounds < 20);
  }
  dam<weir::target_density> tiny(weir::target_density(0.01f), 3);  // wants a thirtieth of a cell
  uint32_t hits = 0;
  for (int i = 0; i < 200; ++i) {
    tiny.rain(1.0f);
    tiny.round();
    hits += tiny.last.hits;
  }
  CHECK(hits > 20);
}

TEST_CASE("target_density survives a mean that is no number") {
  const weir::target_density t(0.1f);
  for (const float broken : {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    weir::target_density::state state = {};
    CHECK(t.next(state, report(0, 0, 100, 0), known_mean{broken}) == 3.0e38f);
    CHECK(t.next(state, report(1, 3.0e38f, 100, 0), known_mean{1.0f}) ==
          doctest::Approx(std::log(10.0)).epsilon(0.005));
  }
}

TEST_CASE("warm_up: lower at first, by a factor that rises geometrically to 1") {
  const weir::warm_up<weir::fixed_wt> w(weir::fixed_wt(2.0f), 4, 0.0625f);
  weir::warm_up<weir::fixed_wt>::state state = {};
  const float expected[] = {0.125f, 0.25f, 0.5f, 1.0f, 2.0f, 2.0f};  // 2 * 16^-(1 - t / 4)
  for (uint32_t t = 0; t < 6; ++t)
    CHECK(w.next(state, report(t, 1.0f, 10, 1), known_mean{1.0f}) == doctest::Approx(static_cast<double>(expected[t])));

  const weir::warm_up<weir::fixed_wt> none(weir::fixed_wt(2.0f), 0);
  state = {};
  CHECK(none.next(state, report(0, 0, 10, 0), known_mean{1.0f}) == 2.0f);
  static_assert(weir::warm_up<weir::always>::may_be_zero() && !weir::warm_up<weir::fixed_wt>::may_be_zero(), "");
}

TEST_CASE("warm_up around target_density looks at the residual every round, then hands over") {
  typedef weir::warm_up<weir::target_density> policy;
  const policy w(weir::target_density(0.01f), 3, 0.125f);
  policy::state state = {};
  const float start = -0.6931472f * weir::rough_log2(0.01f);
  CHECK(w.next(state, report(0, 0, 1000, 0), known_mean{1.0f}) == doctest::Approx(static_cast<double>(start / 8)));
  CHECK(w.next(state, report(1, 1.0f, 1000, 500), known_mean{2.0f}) ==
        doctest::Approx(static_cast<double>(2 * start / 4)));
  CHECK(w.next(state, report(2, 1.0f, 1000, 500), known_mean{4.0f}) ==
        doctest::Approx(static_cast<double>(4 * start / 2)));
  // Wt of the threshold itself was 4 * start; ten wanted hits came: it stays there.
  CHECK(w.next(state, report(3, 1.0f, 1000, 10), known_mean{100.0f}) ==
        doctest::Approx(static_cast<double>(4 * start)));

  dam<policy> d(policy(weir::target_density(0.01f), 10, 0.25f), 20000);
  CHECK(d.rain_and_round(1.0f, 1) > 0.1);  // more than ten times the density
  const double density = d.rain_and_round(1.0f, 60);
  CHECK(density > 0.005);
  CHECK(density < 0.02);
}
