// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <vector>
#include <weir/threshold/always.hpp>
#include <weir/threshold/byte_budget.hpp>
#include <weir/threshold/clipped_residual.hpp>
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

struct nobody_asks {
  float operator()() const {
    FAIL("a look costs a pass");
    return 0;
  }
};

/// What a gate says of a residual.
struct look {
  const std::vector<float>& residual;
  float operator()() const { return above(0.0f).mean; }
  weir::magnitudes_above above(float wt) const {
    double sum = 0;
    index_t count = 0;
    for (const float r : residual) {
      if (std::fabs(r) < wt) continue;
      sum += static_cast<double>(std::fabs(r));
      ++count;
    }
    return {static_cast<float>(count == 0 ? 0.0 : sum / static_cast<double>(count)), count};
  }
};

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
  /// One round; returns the density of what passed.
  double round() {
    const float wt = threshold.next(state, last, look{residual});
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
  static_assert(sizeof(weir::target_density::state) <= 12, "a few bytes of RAM");
}

TEST_CASE("target_density starts where an exponential distribution would have it") {
  const weir::target_density t(0.01f);
  weir::target_density::state state = {};
  CHECK(t.next(state, report(0, 0, 1000, 0), known_mean{0.5f}) ==
        doctest::Approx(0.5 * std::log(100.0)).epsilon(0.005));
  dam<weir::target_density> d(weir::target_density(0.05f), 20000);
  d.rain(2.0f);
  CHECK(d.round() / 0.05 == doctest::Approx(1).epsilon(0.03));  // at once
}

TEST_CASE("target_density: the gain, early and late, bounded steps, and the pull of what has not been seen") {
  const weir::target_density t(0.1f);  // 100 of 1000
  const auto after = [&](float account, uint8_t age, index_t hits, bool full = false, float wt = 1.0f) {
    weir::target_density::state state = {1.0f, account, age};
    t.next(state, report(1, wt, 1000, hits, full), nobody_asks());
    return static_cast<double>(state.wt);
  };
  const auto factor = [](double step) { return doctest::Approx(std::exp(step)).epsilon(0.003); };
  const double late = 0.03 + 0.22 / (1 + 25.5 * 25.5);
  CHECK(after(300, 255, 100) == factor(0));  // as wanted, half saved: it stays
  CHECK(after(350, 255, 150) == factor(late * 0.5));
  CHECK(after(250, 255, 50) == factor(late * -0.5));
  CHECK(after(500, 255, 300) == factor(late * 2));
  CHECK(after(510, 255, 310) == factor(late * 2));       // beyond three times the wanted it is no more
  CHECK(after(250, 255, 50, true) == factor(late * 2));  // a full frame: who knows how many more
  CHECK(after(350, 0, 150) == factor(0.25 * 0.5));
  CHECK(after(350, 10, 150) == factor(0.14 * 0.5));
  CHECK(after(200, 0, 0) == factor(-0.03));      // nothing: a rest, perhaps
  CHECK(after(600, 255, 100) == factor(-0.01));  // too few over time: lower
  CHECK(after(-600, 255, 100) == factor(0.03));
  CHECK(after(250, 255, 50, false, 2.0f) == 1.0);  // less than 2 cannot be sent: it waits,
  CHECK(after(350, 255, 150, false, 2.0f) == factor(std::log(2.0) + late * 0.5));  // and goes on from there
  CHECK(after(300, 255, 100, false, 0.5f) == factor(std::log(0.5)));               // cells hold no more
  CHECK(after(300, 255, 0, true) == 1.0);  // without room for one nothing was seen
}

TEST_CASE("target_density leaves the least that can be sent quickly") {
  const weir::target_density t(0.1f);
  weir::target_density::state state = {1.0f, 300.0f, 255};
  t.next(state, report(1, 2.0f, 1000, 50), nobody_asks());
  CHECK(state.wt == 1.0f);
  t.next(state, report(2, 2.0f, 1000, 250), nobody_asks());
  CHECK(state.wt > 2.3f);  // exp(0.14 * 1.5)
}

TEST_CASE("target_density: where few hits are wanted each says less") {
  const weir::target_density t(0.001f);  // 1 of 1000
  weir::target_density::state state = {1.0f, 23.0f, 255};
  t.next(state, report(1, 1.0f, 1000, 0), nobody_asks());
  CHECK(state.wt == doctest::Approx(1 - 0.03 / 8).epsilon(1e-4));
  state = {1.0f, 25.0f, 255};
  t.next(state, report(1, 1.0f, 1000, 2), nobody_asks());
  CHECK(state.wt == doctest::Approx(1 + 0.03 / 8).epsilon(1e-4));
}

TEST_CASE("target_density starts again where Wt is far off") {
  const weir::target_density t(0.1f);
  const auto after = [&](uint32_t round, float account, index_t hits, bool full, float mean) {
    weir::target_density::state state = {1.0f, account, 255};
    return t.next(state, report(round, 1.0f, 1000, hits, full), known_mean{mean});
  };
  const double start = static_cast<double>(-0.6931472f * weir::rough_log2(0.1f));
  CHECK(10 * after(8, 600, 0, false, 0.1f) == doctest::Approx(start));  // nothing passes for long: down
  CHECK(after(8, 600, 0, false, 10.0f) == 0.8f);                        // but never up
  CHECK(after(8, 600, 0, false, 0.0f) == 1.0f);                         // an empty residual: wait
  CHECK(after(7, 600, 0, false, 0.1f) == 1.0f);                         // every eighth pass
  CHECK(after(8, 300, 0, false, 0.1f) > 0.9f);                          // not for long yet
  CHECK(after(1, 300, 1000, false, 1.0f) == doctest::Approx(start));    // nearly all passes: up, at once
  CHECK(after(8, 300, 10, true, 1.0f) == doctest::Approx(start));
  CHECK(after(1, 300, 1000, false, 0.01f) > 1.0f);  // but never down
  CHECK(after(1, 300, 200, false, 9.0f) < 2.0f);    // twice the wanted is not far off
}

TEST_CASE("the start: whatever the distribution, what passes at once is within a factor of 3 of the wanted") {
  std::mt19937 rng{3};
  std::normal_distribution<float> normal;
  std::student_t_distribution<float> student(2.0f);
  std::exponential_distribution<float> exponential;
  const std::vector<std::function<float()>> kinds = {
      [&] { return normal(rng); },
      [&] { return exponential(rng); },
      [&] { return rng() % 2 == 0 ? exponential(rng) : -exponential(rng); },
      [&] { return rng() % 10 != 0 ? 0.0f : normal(rng); },
      [&] { return std::exp(2 * normal(rng)); },
      [&] { return student(rng); }};
  for (size_t kind = 0; kind < kinds.size(); ++kind) {
    dam<weir::target_density> d(weir::target_density(0.1f), 100000);
    for (float& r : d.residual) r = kinds[kind]();
    for (const float density : {0.1f, 0.01f, 0.001f}) {
      CAPTURE(kind);
      CAPTURE(density);
      const float wt = weir::detail::starting_wt(look{d.residual}, 100000, density);
      const double ratio = look{d.residual}.above(wt).count / (100000 * static_cast<double>(density));
      CHECK(ratio > 1 / 3.0);
      CHECK(ratio < 3.0);
    }
  }
}

TEST_CASE("target_density before the first pass keeps its start") {
  const weir::target_density t(0.1f);
  weir::target_density::state state = {0.75f, 0.0f, 0};
  CHECK(t.next(state, report(0, 0, 1000, 0), known_mean{9.0f}) == 0.75f);
}

TEST_CASE("target_density settles: Wt hardly moves, and the mean is what is wanted") {
  for (const float density : {0.0005f, 0.001f, 0.01f, 0.1f}) {
    CAPTURE(density);
    dam<weir::target_density> d(weir::target_density(density), 20000);
    d.rain_and_round(1.0f, 1000);
    double sum = 0, logs = 0, squares = 0;
    for (int i = 0; i < 1000; ++i) {
      sum += d.rain_and_round(1.0f, 1) / 1000;
      const double log = std::log(static_cast<double>(d.last.wt));
      logs += log / 1000;
      squares += log * log / 1000;
    }
    CHECK(sum / static_cast<double>(density) == doctest::Approx(1).epsilon(0.01));
    CHECK(std::sqrt(squares - logs * logs) < 0.03);
  }
}

TEST_CASE("target_density: less than one hit a pass") {
  for (const index_t cells : {index_t{3}, index_t{50}}) {  // a 33rd, and a half
    CAPTURE(cells);
    dam<weir::target_density> d(weir::target_density(0.01f), cells);
    double hits = 0;
    const int passes = 30000 / static_cast<int>(cells);
    for (int i = 0; i < passes; ++i) hits += d.rain_and_round(1.0f, 1) * cells;
    CHECK(hits == doctest::Approx(300).epsilon(0.15));  // the account may owe or have 48
  }
}

TEST_CASE("target_density: the residual becomes a thousand times as large, or as small") {
  for (const float density : {0.001f, 0.01f, 0.1f}) {
    for (const float factor : {1000.0f, 0.001f}) {
      CAPTURE(density);
      CAPTURE(factor);
      dam<weir::target_density> d(weir::target_density(density), 20000);
      d.rain_and_round(1.0f, 200);
      for (float& r : d.residual) r *= factor;
      d.rain_and_round(factor, factor > 1 ? 3 : 20);
      double sum = 0;
      for (int i = 0; i < 20; ++i) sum += d.rain_and_round(factor, 1) / 20;
      CHECK(sum > 0.5 * static_cast<double>(density));
      CHECK(sum < 2 * static_cast<double>(density));
    }
  }
}

TEST_CASE("target_density while updates fade: the mean is still what is wanted") {
  dam<weir::target_density> d(weir::target_density(0.01f), 20000);
  double sum = 0;
  for (int i = 0; i < 1000; ++i) {
    const double now = d.rain_and_round(std::exp(-4.6f * static_cast<float>(i) / 1000), 1);
    if (i >= 100) sum += now / 900;
  }
  CHECK(sum / 0.01 == doctest::Approx(1).epsilon(0.01));
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
  CHECK(d.round() / 0.01 == doctest::Approx(1).epsilon(0.15));
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
  // Wt of the threshold itself was 4 * start: it stays there, whatever passed under a quarter of it.
  const auto four = doctest::Approx(static_cast<double>(4 * start));
  CHECK(w.next(state, report(3, 1.0f, 1000, 500), nobody_asks()) == four);
  CHECK(w.next(state, report(4, 4 * start, 1000, 10), nobody_asks()) == four);
  CHECK(w.next(state, report(5, 4 * start, 1000, 5), nobody_asks()) < 4 * start);

  dam<policy> d(policy(weir::target_density(0.01f), 10, 0.25f), 20000);
  CHECK(d.rain_and_round(1.0f, 1) > 0.1);  // more than ten times the density
  const double density = d.rain_and_round(1.0f, 60);
  CHECK(density > 0.005);
  CHECK(density < 0.02);
}

TEST_CASE("clipped_residual is the threshold that it goes around, and says what a cell may keep") {
  typedef weir::clipped_residual<weir::target_density> policy;
  const policy p(weir::target_density(0.01f), 4.0f);
  policy::state state = {};
  weir::target_density::state plain = {};
  for (const uint32_t round : {0u, 1u, 2u}) {
    const gate_report last = report(round, 1.0f, 1000, 17);
    CHECK(p.next(state, last, known_mean{0.5f}) == p.threshold.next(plain, last, known_mean{0.5f}));
  }
  CHECK(p.keep(state) == 4.0f);
  CHECK(policy(weir::target_density(0.01f)).keep(state) == 5.0f);
  for (const float less : {0.5f, -3.0f, std::numeric_limits<float>::quiet_NaN()})
    CHECK(policy(weir::target_density(0.01f), less).keep(state) == 1.0f);
  policy::state hinted = {};
  p.hint(hinted, 0.25f);
  CHECK(hinted.wt == 0.25f);

  typedef weir::clipped_residual<weir::fixed_wt> around_fixed;
  typedef weir::clipped_residual<weir::byte_budget> around_budget;
  static_assert(weir::is_threshold<policy>::value && weir::is_threshold<around_fixed>::value, "");
  static_assert(!weir::detail::threshold_has_hint<around_fixed>::value, "only what the threshold has");
  static_assert(!weir::detail::threshold_has_room<policy>::value, "");
  static_assert(weir::detail::threshold_has_hint<around_budget>::value, "");
  static_assert(weir::detail::threshold_has_room<around_budget>::value, "");
  static_assert(weir::detail::threshold_has_keep<weir::warm_up<policy>>::value, "");
  static_assert(!weir::detail::threshold_has_keep<weir::warm_up<weir::target_density>>::value, "");
  static_assert(sizeof(policy::state) == sizeof(weir::target_density::state), "no memory of its own");

  around_budget::state s = {1.0f, 77.5f, 255};
  CHECK(around_budget(weir::byte_budget(100.0f)).room(s, report(1, 1.0f, 10, 1)) == 77);
}
