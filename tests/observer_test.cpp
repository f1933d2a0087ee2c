// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "support/small_fleet.hpp"

namespace {

typedef weir::fixed16<18> cell;
typedef weir::number<weir::fixed16<12>> n16;
constexpr weir::index_t cells = 3000;

/// Keeps what it is told, in the test's own memory.
struct notes {
  std::vector<weir::observation>* all;
  void operator()(const weir::observation& o) const { all->push_back(o); }
};
typedef weir::observe<notes> noting;

float in_weights(float c) { return std::fabs(c); }
float in_weights(cell c) { return std::fabs(static_cast<float>(c.raw)) / (1 << 18); }
void add(float& c, float v) { c += v; }
void add(cell& c, float v) { c = cell::from_raw(weir::saturate<int16_t>(c.raw + static_cast<int32_t>(v * (1 << 18)))); }

/// A hundred passes with an observer, and the same ones without.
template <class Cell, class Grid, class Encoder>
void compare(const Grid& grid, Encoder encoder, float wt) {
  const weir::fixed_wt threshold(wt);
  std::vector<Cell> watched(cells), alone(cells);
  weir::gate_state<weir::fixed_wt, Encoder> s = {}, t = {};
  noting::state<cells> seen = {};
  std::vector<weir::observation> all;
  std::vector<uint16_t> waited(cells, 0);
  std::mt19937 random(7);
  std::normal_distribution<float> normal(0.0f, 0.004f);

  for (uint16_t pass = 0; pass < 100; ++pass) {
    for (weir::index_t i = 0; i < cells; ++i) {
      if (i % 3 == 0 && pass > 0) continue;  // these wait, or never were anything
      const float v = i % 5 == 0 ? 0.0f : normal(random);
      add(watched[i], v);
      add(alone[i], v);
    }
    uint8_t a[4 * cells], b[4 * cells];
    std::vector<bool> left(cells, false);
    const size_t size =
        weir::observed_gate(noting(notes{&all}), seen, pass, watched.data(), cells, grid, threshold, encoder, s,
                            weir::bytes(a), weir::detail::no_fold(), [&](weir::index_t i) { left[i] = true; });
    REQUIRE(weir::gate(alone.data(), cells, grid, threshold, encoder, t, weir::bytes(b), weir::detail::no_fold(),
                       weir::detail::no_forget()) == size);
    REQUIRE(std::equal(a, a + size, b));

    double squares = 0;
    weir::index_t hits = 0;
    for (weir::index_t i = 0; i < cells; ++i) {
      const float m = in_weights(watched[i]);
      squares += static_cast<double>(m) * static_cast<double>(m);
      waited[i] = static_cast<uint16_t>(left[i] || !(m > 0) ? 0 : waited[i] + 1);
      hits = static_cast<weir::index_t>(hits + (left[i] ? 1 : 0));
    }
    REQUIRE(all.size() == pass + 1u);
    const weir::observation& o = all.back();
    CHECK(o.round_number == pass);
    CHECK(o.gate.hits == hits);
    CHECK(o.gate.bytes == size);
    CHECK(static_cast<double>(o.density()) == doctest::Approx(static_cast<double>(hits) / cells));
    CHECK(static_cast<double>(o.residual_norm) == doctest::Approx(std::sqrt(squares)).epsilon(1e-5));
    CHECK(o.oldest == *std::max_element(waited.begin(), waited.end()));
  }
  CHECK(all.back().oldest == 100);  // some of those that are told once never leave
}

}  // namespace

TEST_CASE("an observer sees what a pass did and left, and changes nothing") {
  compare<float>(weir::worker_grid<weir::number<float>>::make(), weir::ternary(), 0.01f);
  compare<float>(weir::worker_grid<weir::number<float>>::make(), weir::sparse16(), 0.01f);
  compare<float>(weir::worker_grid<weir::number<float>>::make(), weir::segmented<weir::ternary, 3>(), 0.01f);
  compare<cell>(weir::worker_grid<n16>::make(), weir::strom(), 0.01f);
  compare<cell>(weir::worker_grid<n16>::make(), weir::logarithmic<3>(), 0.01f);
}

TEST_CASE("how long a residual has waited ends at 65,534") {
  std::vector<weir::observation> all;
  const noting observer(notes{&all});
  noting::state<1> s = {};
  const float c = 1;
  const auto grid = weir::worker_grid<weir::number<float>>::make();
  const weir::gate_report report = {1, 2.0f, 1, 0, 0, false};
  const weir::detail::left_over<float, weir::grid<float, float>> left(&c, 1, grid);
  s.waited[0] = 65532;
  for (int pass = 0; pass < 3; ++pass) observer.passed(s, 0, report, left);
  CHECK(all[0].oldest == 65533);
  CHECK(all[1].oldest == 65534);
  CHECK(all[2].oldest == 65534);
  observer.emitted(s, 0);
  observer.passed(s, 0, report, left);
  CHECK(all[3].oldest == 0);
}

TEST_CASE("where everything leaves, nothing waits") {
  std::vector<weir::observation> all;
  noting::state<4> s = {};
  float c[4] = {1.0f, 1.0f / 3, 3.0e-5f, 0.0f};  // a sparse16 keeps what it rounds away
  weir::gate_state<weir::always, weir::sparse16> g = {};
  uint8_t out[64];
  for (int pass = 0; pass < 3; ++pass)
    weir::observed_gate(noting(notes{&all}), s, 0, c, 4, weir::worker_grid<weir::number<float>>::make(), weir::always(),
                        weir::sparse16(), g, weir::bytes(out), weir::detail::no_fold(), weir::detail::no_forget());
  for (const weir::observation& o : all) CHECK(o.oldest == 0);
}

TEST_CASE("workers and coordinator tell of each round") {
  using namespace test_support;
  typedef weir::pipeline<weir::sgd, weir::fixed_wt, weir::ternary, by_hand, weir::accumulate_only, weir::ternary,
                         weir::save_nothing, noting>
      pipe;
  typedef weir::downlink<weir::ternary, weir::mean, weir::fixed_wt, weir::ternary, noting> link;
  typedef weir::worker<small_number, small_net, weir::softmax_cross_entropy, pipe> worker;
  typedef weir::coordinator<small_number, small_net, link, 16> coordinator;
  const size_t ages = 2 * small_net::parameters();
  static_assert(sizeof(small_pipe) == sizeof(weir::sgd) + sizeof(weir::fixed_wt) + 4,  // encoder, transport, steps
                "a pipeline that nobody observes has no room for it");
  CHECK(sizeof(worker) >= sizeof(small_worker) + ages);
  CHECK(sizeof(worker) <= sizeof(small_worker) + ages + sizeof(noting) + 2 * sizeof(void*));

  std::vector<weir::observation> up, down;
  worker w;
  w.begin(pipe{weir::sgd{0.1f}, weir::fixed_wt{0.002f}, weir::ternary(), by_hand(), weir::accumulate_only(),
               weir::save_nothing(), noting(notes{&up})},
          weir::rank_t{0});
  coordinator c;
  c.begin(link{weir::mean(), weir::fixed_wt{0.0005f}, weir::ternary(), noting(notes{&down})},
          weir::fleet_terms{1, 0, 0, 0});
  weir::random_bits random(3);
  for (uint16_t round = 1; round <= 20;) {
    const datagram d = copy(w.outgoing(0));
    if (!d.empty()) {
      w.sent(0);
      const datagram answer = copy(c.handle(view(d)).answer);
      if (!answer.empty()) w.handle(view(answer), 0);
    }
    if (w.member_state() != weir::membership::member) continue;
    if (!c.round_due(0)) {
      small_number x[5];
      for (small_number& v : x) v = small_number::from_raw(static_cast<int16_t>(random.below(8192)));
      w.train(x, random.below(3));
      continue;
    }
    w.handle(c.close_round(0), 0);
    REQUIRE(up.size() == round);
    REQUIRE(down.size() == round);
    CHECK(up.back().round_number == round - 1);
    CHECK(down.back().round_number == round);
    CHECK(up.back().gate.hits == w.report().hits);
    CHECK(down.back().gate.wt == c.report().wt);
    double squares = 0;
    for (const auto& r : c.pending()) squares += static_cast<double>(r.raw) * r.raw;
    const double unit = 4096.0 * c.divisor();
    CHECK(static_cast<double>(down.back().residual_norm) == doctest::Approx(std::sqrt(squares) / unit).epsilon(1e-5));
    ++round;
  }
}
