// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "support/small_fleet.hpp"

namespace {

using test_support::by_hand;
using test_support::copy;
using test_support::datagram;
using test_support::small_net;
using test_support::view;

constexpr float share = 0.6f, gain = 0.2f, server_step = 1.5f;
constexpr size_t n = small_net::parameters();

template <class Optimizer>
using pipe_of = weir::pipeline<Optimizer, weir::fixed_wt, weir::ternary, by_hand>;
template <class Optimizer>
using worker_of = weir::worker<float, small_net, weir::softmax_cross_entropy, pipe_of<Optimizer>>;
typedef weir::downlink<weir::ternary, weir::mean, weir::fixed_wt> link;
typedef weir::coordinator<float, small_net, link, 4> coordinator;

template <class Worker>
void exchange(Worker& w, coordinator& c) {
  const datagram d = copy(w.outgoing(0));
  if (d.empty()) return;
  w.sent(0);
  const datagram answer = copy(c.handle(view(d)).answer);
  if (!answer.empty()) w.handle(view(answer), 0);
}

/// What pending() says, in doubles.
template <class Worker>
std::vector<double> pending(Worker& w) {
  std::vector<double> all;
  for (const float v : w.pending()) all.push_back(static_cast<double>(v));
  return all;
}

/// Two workers at the same weights on the same samples, whose Wt nothing reaches, one with the correction; a third one, whose
/// updates move the weights of all. The second's residual must be what the formula makes of the first's updates.
template <class Optimizer>
void follow(Optimizer optimizer) {
  typedef weir::drift_corrected<Optimizer> corrected;
  worker_of<Optimizer> plain;
  worker_of<corrected> minded;
  worker_of<weir::sgd> mover;
  coordinator c;
  c.begin(link{weir::mean(24, 4), weir::fixed_wt{0.01f}, weir::ternary{}}, weir::fleet_terms{3, 0, 0, 0});
  const weir::fixed_wt never(1e9f);
  plain.begin(pipe_of<Optimizer>{optimizer, never, weir::ternary{}, by_hand{}}, weir::rank_t{0});
  minded.begin(pipe_of<corrected>{corrected(optimizer, share, gain, server_step), never, weir::ternary{}, by_hand{}},
               weir::rank_t{1});
  mover.begin(pipe_of<weir::sgd>{weir::sgd{0.5f}, weir::fixed_wt{0.02f}, weir::ternary{}, by_hand{}}, weir::rank_t{2});

  weir::random_bits random(11);
  std::vector<double> before(n, 0), expected(n, 0), d(n, 0);
  int moved = 0;
  for (int step = 0; step < 60; ++step) {
    float x[5];
    for (float& v : x) v = static_cast<float>(random.below(1000)) / 500 - 1;
    const weir::index_t label = random.below(3);
    exchange(plain, c);  // the first of these join
    exchange(minded, c);
    exchange(mover, c);
    plain.train(x, label);
    minded.train(x, label);
    mover.train(x, label);
    const std::vector<double> now = pending(plain), got = pending(minded);
    for (size_t i = 0; i < n; ++i) {
      const double v = now[i] - before[i];
      expected[i] += v - static_cast<double>(share) * d[i];
      d[i] += static_cast<double>(gain) * (v - d[i]);
      REQUIRE(got[i] == doctest::Approx(expected[i]).epsilon(1e-4));
    }
    before = now;

    exchange(plain, c);
    exchange(minded, c);
    exchange(mover, c);
    if (!c.round_due(0)) continue;
    const std::vector<float> w(minded.weights().begin(), minded.weights().end());
    const datagram b = copy(c.close_round(0));
    plain.handle(view(b), 0);
    minded.handle(view(b), 0);
    mover.handle(view(b), 0);
    for (size_t i = 0; i < n; ++i) {
      const double by = static_cast<double>(w[i]) - static_cast<double>(minded.weights()[i]);
      d[i] -= static_cast<double>(gain) * by / static_cast<double>(server_step);
      moved += by != 0 ? 1 : 0;
    }
  }
  CHECK(moved > 100);
}

}  // namespace

TEST_CASE("drift_corrected takes the running mean of what is a worker's own from its updates") {
  follow(weir::momentum(0.1f, 0.9f));
  follow(weir::momentum(0.1f, 0.0f));
}

TEST_CASE("with a share of 0 nothing is corrected") {
  typedef weir::drift_corrected<weir::nesterov> corrected;
  worker_of<weir::nesterov> plain;
  worker_of<corrected> minded;
  const weir::nesterov optimizer(0.1f, 0.9f);
  const weir::fixed_wt wt(0.01f);
  plain.begin(pipe_of<weir::nesterov>{optimizer, wt, weir::ternary{}, by_hand{}}, weir::rank_t{0});
  minded.begin(pipe_of<corrected>{corrected(optimizer, 0.0f, gain), wt, weir::ternary{}, by_hand{}}, weir::rank_t{0});
  for (int step = 0; step < 20; ++step) {
    const float x[5] = {1, -1, 0.5f, static_cast<float>(step % 3), 0};
    plain.train(x, static_cast<weir::index_t>(step % 3));
    minded.train(x, static_cast<weir::index_t>(step % 3));
  }
  for (size_t i = 0; i < n; ++i) REQUIRE(plain.pending()[i] == minded.pending()[i]);
}

TEST_CASE("the drift of Nesterov's updates has both of their parts") {
  typedef weir::drift_corrected<weir::nesterov> corrected;
  worker_of<corrected> w;
  w.begin(pipe_of<corrected>{corrected(weir::nesterov(0.1f, 0.9f), share, 0.01f), weir::fixed_wt(1e9f), weir::ternary{},
                             by_hand{}},
          weir::rank_t{0});
  // One sample at fixed weights: from some step on every update is the same, and so the drift; what is left is 1 - share.
  const float x[5] = {1, -1, 0.5f, 2, 0};
  std::vector<double> last;
  double whole = 0, left = 0;
  for (int step = 0; step < 3000; ++step) {
    const std::vector<double> now = pending(w);
    if (step == 200)
      for (size_t i = 0; i < n; ++i) whole = std::max(whole, std::abs(now[i] - last[i]));
    if (step == 2999)
      for (size_t i = 0; i < n; ++i) left = std::max(left, std::abs(now[i] - last[i]));
    last = now;
    w.train(x, weir::index_t(1));
  }
  CHECK(whole > 0.01);
  CHECK(left > 0);
  CHECK(left < whole);
}

TEST_CASE("unmasked: the velocity of an emitted coordinate goes on") {
  worker_of<weir::momentum> masked;
  worker_of<weir::unmasked<weir::momentum>> unmasked;
  coordinator c;
  c.begin(link{weir::mean(), weir::fixed_wt{1e9f}, weir::ternary{}}, weir::fleet_terms{2, 0, 0, 0});
  const weir::momentum optimizer(0.1f, 0.9f);
  masked.begin(pipe_of<weir::momentum>{optimizer, weir::fixed_wt(0.01f), weir::ternary{}, by_hand{}}, weir::rank_t{0});
  unmasked.begin(pipe_of<weir::unmasked<weir::momentum>>{weir::unmasked<weir::momentum>(optimizer),
                                                         weir::fixed_wt(0.01f), weir::ternary{}, by_hand{}},
                 weir::rank_t{1});
  for (int i = 0; i < 10; ++i) {
    exchange(masked, c);
    exchange(unmasked, c);
  }
  const float x[5] = {1, -1, 0.5f, 2, 0}, nothing[5] = {};
  masked.train(x, weir::index_t(1));
  unmasked.train(x, weir::index_t(1));
  exchange(masked, c);  // both emit the same
  exchange(unmasked, c);
  REQUIRE(masked.report().hits > 3);
  REQUIRE(masked.report().hits == unmasked.report().hits);
  const std::vector<double> m = pending(masked), u = pending(unmasked);
  masked.train(nothing, weir::index_t(1));
  unmasked.train(nothing, weir::index_t(1));
  const std::vector<double> m1 = pending(masked), u1 = pending(unmasked);
  weir::index_t still = 0;
  for (size_t i = 0; i < 20; ++i) {  // the first layer's rows: no input, no gradient, only velocity
    if (u1[i] != u[i] && m1[i] == m[i]) ++still;
  }
  CHECK(still > 3);
}
