// SPDX-License-Identifier: MIT
#include <weir/threshold/at_least.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <type_traits>
#include <vector>
#include <weir/weir.hpp>

using weir::at_least;
using weir::gate_report;
using weir::index_t;

namespace {

const index_t cells = 20000;

struct known_mean {
  float operator()() const { return 0.5f; }
};

/// Whatever a test wants.
struct told {
  float wt;
  struct state {
    int asked;
  };
  static constexpr bool may_be_zero() noexcept { return true; }
  template <class Mean>
  float next(state& s, const gate_report& last, Mean&& mean) const noexcept {
    s.asked += static_cast<int>(last.rounds) + (mean() > 0 ? 1 : 0);
    return wt;
  }
};

/// A node's residual, 20,000 cells with scales of their own, under a threshold that has a floor.
template <class Threshold>
struct dam {
  at_least<Threshold> threshold;
  weir::gate_state<at_least<Threshold>, weir::ternary> state = {};
  std::mt19937 rng;
  std::vector<float> scale, gaussian, residual;
  std::vector<uint8_t> out;
  std::vector<double> bytes, hits;  // of each pass
  double lowest = 1e30;             // Wt that was given

  dam(Threshold t, float wt, uint32_t seed)
      : threshold(t, wt), rng(seed), scale(cells), gaussian(1 << 16), residual(cells), out(100000) {
    std::normal_distribution<float> normal;
    for (float& s : scale) s = rng() % 10 < 3 ? 0.0f : 0.01f * std::exp(1.5f * normal(rng));
    for (float& g : gaussian) g = normal(rng);
  }
  void passes(int n, float size) {
    for (; n > 0; --n) {
      for (index_t i = 0; i < cells; ++i) residual[i] += size * scale[i] * gaussian[rng() & 0xffff];
      bytes.push_back(static_cast<double>(weir::gate(residual.data(), cells, weir::grid<float, float>(1.0f), threshold,
                                                     weir::ternary(), state, weir::bytes(out.data(), out.size()),
                                                     weir::detail::no_fold(), weir::detail::no_forget())));
      hits.push_back(static_cast<double>(state.report.hits));
      lowest = std::fmin(lowest, static_cast<double>(state.report.wt));
    }
  }
};

double mean(const std::vector<double>& v, size_t from, size_t n) {
  double sum = 0;
  for (size_t i = from; i < from + n; ++i) sum += v[i];
  return sum / static_cast<double>(n);
}
double worst_of_20(const std::vector<double>& v) {
  double worst = 0;
  for (size_t i = 0; i + 20 <= v.size(); ++i) worst = std::fmax(worst, mean(v, i, 20));
  return worst;
}

const float high = 0.3f;  // as a floor, so few updates of size 1 pass that a budget of 1,000 bytes has most left
const int rich = 500;     // passes

}  // namespace

TEST_CASE("at_least: never below, and the threshold's own above") {
  const float inf = std::numeric_limits<float>::infinity();
  const gate_report last(3, 1.0f, cells, 1, 1, false);
  const float under[] = {0.0f, -1.0f, -inf, NAN, 1e-30f, 0.24f, 0.25f};
  for (const float own : under) {
    CAPTURE(own);
    told::state s = {};
    CHECK(at_least<told>(told{own}, 0.25f).next(s, last, known_mean()) == 0.25f);
    CHECK(s.asked == 4);  // once, with the report and the mean
  }
  const float over[] = {0.26f, 1.0f, 3e38f, inf};
  for (const float own : over) {
    CAPTURE(own);
    told::state s = {};
    CHECK(at_least<told>(told{own}, 0.25f).next(s, last, known_mean()) == own);
    CHECK(s.asked == 4);
  }
}

TEST_CASE("at_least: a threshold that never comes down to the floor is as it is alone") {
  dam<weir::byte_budget> with(weir::byte_budget(100.0f), 1e-20f, 1);
  with.passes(300, 1);
  dam<weir::byte_budget> same(weir::byte_budget(100.0f), 1e-20f, 1);
  weir::gate_state<weir::byte_budget, weir::ternary> state = {};
  const weir::byte_budget alone(100.0f);
  for (size_t pass = 0; pass < 300; ++pass) {
    for (index_t i = 0; i < cells; ++i) same.residual[i] += same.scale[i] * same.gaussian[same.rng() & 0xffff];
    const size_t size =
        weir::gate(same.residual.data(), cells, weir::grid<float, float>(1.0f), alone, weir::ternary(), state,
                   weir::bytes(same.out.data(), same.out.size()), weir::detail::no_fold(), weir::detail::no_forget());
    REQUIRE(static_cast<double>(size) == with.bytes[pass]);
  }
  CHECK(state.report.wt == with.state.report.wt);
}

TEST_CASE_TEMPLATE("at_least: a budget that is rich waits at the floor, and holds within 30 passes when it binds",
                   Budget, weir::byte_budget, weir::link_budget) {
  struct make {
    static weir::byte_budget of(weir::byte_budget*) { return weir::byte_budget(1000.0f); }
    static weir::link_budget of(weir::link_budget*) {
      return weir::link_budget(1012.0f, 1, 1);
    }  // less header and check
  };
  for (const uint32_t seed : {1u, 2u, 3u}) {
    CAPTURE(seed);
    dam<Budget> d(make::of(static_cast<Budget*>(nullptr)), high, seed);
    d.passes(100, 1);
    const float waits = d.state.wt;  // the budget's own
    d.passes(rich - 100, 1);
    CHECK(d.state.wt == waits);
    CHECK(mean(d.bytes, 100, 400) < 500);
    CHECK(mean(d.bytes, 100, 400) > 10);
    CHECK(d.state.report.wt == high);
    CHECK(d.lowest == static_cast<double>(high));

    d.passes(300, 20);
    CHECK(d.state.report.wt > high);
    for (size_t from = rich + 30; from < rich + 300; from += 10) {
      CAPTURE(from);
      CHECK(mean(d.bytes, from, 10) == doctest::Approx(1000).epsilon(0.1));
    }
    CHECK(worst_of_20(d.bytes) <= 1500);
    CHECK(d.lowest == static_cast<double>(high));

    d.passes(600, 1);  // and rich again
    CHECK(d.state.report.wt == high);
    CHECK(d.lowest == static_cast<double>(high));
    CHECK(worst_of_20(d.bytes) <= 1500);
  }
}

TEST_CASE("at_least: a density that is not reached waits at the floor") {
  for (const uint32_t seed : {1u, 2u, 3u}) {
    CAPTURE(seed);
    dam<weir::target_density> d(weir::target_density(0.05f), high, seed);
    d.passes(100, 1);
    const float waits = d.state.wt;
    d.passes(rich - 100, 1);
    CHECK(d.state.wt == waits);
    CHECK(mean(d.hits, 100, 400) < 500);
    CHECK(d.state.report.wt == high);
    CHECK(d.lowest == static_cast<double>(high));

    d.passes(600, 20);
    CHECK(d.state.report.wt > high);
    CHECK(mean(d.hits, rich + 300, 300) == doctest::Approx(1000).epsilon(0.1));
    CHECK(d.lowest == static_cast<double>(high));
  }
}

namespace {

/// Does at_least offer what the threshold offers, and no more?
template <class T>
constexpr bool same_offers() {
  return weir::detail::threshold_has_room<at_least<T>>::value == weir::detail::threshold_has_room<T>::value &&
         weir::detail::threshold_has_keep<at_least<T>>::value == weir::detail::threshold_has_keep<T>::value &&
         weir::detail::threshold_has_hint<at_least<T>>::value == weir::detail::threshold_has_hint<T>::value;
}
typedef weir::clipped_residual<weir::fixed_wt> clipped;
typedef weir::clipped_residual<weir::byte_budget> clipped_budget;

static_assert(same_offers<weir::fixed_wt>(), "none");
static_assert(same_offers<weir::always>(), "none");
static_assert(same_offers<weir::target_density>(), "hint");
static_assert(same_offers<weir::byte_budget>(), "hint, room");
static_assert(same_offers<weir::link_budget>(), "hint, room");
static_assert(same_offers<clipped>(), "keep");
static_assert(same_offers<clipped_budget>(), "all");
static_assert(same_offers<at_least<clipped_budget>>(), "all, through two");
// So that these say something:
static_assert(!weir::detail::threshold_has_room<weir::target_density>::value, "");
static_assert(weir::detail::threshold_has_room<at_least<weir::byte_budget>>::value, "");
static_assert(!weir::detail::threshold_has_hint<at_least<weir::fixed_wt>>::value, "");
static_assert(weir::detail::threshold_has_hint<at_least<weir::target_density>>::value, "");
static_assert(!weir::detail::threshold_has_keep<at_least<weir::byte_budget>>::value, "");
static_assert(weir::detail::threshold_has_keep<at_least<clipped>>::value, "");

template <class T>
constexpr bool same_state() {
  return std::is_same<typename at_least<T>::state, typename T::state>::value;
}
static_assert(same_state<weir::fixed_wt>() && same_state<weir::byte_budget>() && same_state<weir::link_budget>() &&
                  same_state<weir::target_density>(),
              "RAM: that of the threshold");
static_assert(weir::is_threshold<at_least<weir::always>>::value, "");
static_assert(!at_least<weir::always>::may_be_zero() && weir::always::may_be_zero(), "the floor is above 0");

/// Frames are carried by the test.
struct by_hand {
  static size_t mtu() noexcept { return 64; }
  static weir::status send(weir::const_bytes) noexcept { return weir::status::busy; }
  static size_t receive(weir::bytes) noexcept { return 0; }
};
typedef weir::sequential<weir::input<4>, weir::dense<3>> net;
typedef weir::coordinator<float, net, weir::downlink<weir::ternary, weir::mean, weir::fixed_wt>, 1> coordinator;
template <class Threshold>
using worker = weir::worker<float, net, weir::softmax_cross_entropy,
                            weir::pipeline<weir::sgd, Threshold, weir::ternary, by_hand>, 1, 64>;
static_assert(sizeof(at_least<weir::byte_budget>) == sizeof(weir::byte_budget) + sizeof(float) &&
                  sizeof(weir::gate_state<at_least<weir::byte_budget>, weir::ternary>) ==
                      sizeof(weir::gate_state<weir::byte_budget, weir::ternary>),
              "the floor is all that a worker has more");

typedef std::vector<std::vector<uint8_t>> datagrams;

/// What a worker sends to a coordinator in 100 rounds of one step each.
template <class Threshold>
datagrams sent_with(const Threshold& threshold, float& wt) {
  typedef weir::pipeline<weir::sgd, Threshold, weir::ternary, by_hand> pipe;
  static worker<Threshold> w;
  static coordinator c;
  w.begin(pipe{weir::sgd(0.1f), threshold, weir::ternary(), by_hand()}, weir::rank_t(0));
  c.begin({weir::mean(), weir::fixed_wt(0.01f), weir::ternary()}, weir::fleet_terms{1, 0, 0, 0});
  datagrams all;
  std::mt19937 rng{5};
  while (c.round_number() < 100) {
    if (w.member_state() == weir::membership::member && !w.in_flight()) {
      const index_t target = static_cast<index_t>(rng() % 3);
      float x[4];
      for (float& v : x) v = static_cast<float>(rng() % 1000) * 1e-3f;
      x[target] += 1;
      w.train(x, target);
    }
    const weir::const_bytes out = w.outgoing(0);
    REQUIRE(!out.empty());
    all.emplace_back(out.data(), out.data() + out.size());
    w.sent(0);
    const auto o = c.handle(out);
    if (!o.answer.empty()) w.handle(o.answer, 0);
    if (c.round_due(0)) w.handle(c.close_round(0), 0);
  }
  wt = w.report().wt;
  return all;
}

}  // namespace

TEST_CASE("at_least in a worker: with a fixed Wt it sends what the higher of the two would") {
  float low, high_wt, floored, above, room;
  const datagrams of_low = sent_with(weir::fixed_wt(0.05f), low);
  const datagrams of_high = sent_with(weir::fixed_wt(0.08f), high_wt);
  CHECK(of_low != of_high);
  CHECK(sent_with(at_least<weir::fixed_wt>(weir::fixed_wt(0.05f), 0.08f), floored) == of_high);
  CHECK(floored == 0.08f);
  CHECK(sent_with(at_least<weir::fixed_wt>(weir::fixed_wt(0.05f), 0.02f), above) == of_low);
  CHECK(above == 0.05f);
  // A budget of which the floor leaves most.
  CHECK(sent_with(at_least<weir::byte_budget>(weir::byte_budget(1000.0f), 0.08f), room) == of_high);
  CHECK(room == 0.08f);
}
