// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

#include <doctest/doctest.h>

#include <vector>

#include "support/small_fleet.hpp"

namespace {

using test_support::by_hand;
using test_support::small_net;

template <class Optimizer, class Local>
using pipe_of = weir::pipeline<Optimizer, weir::fixed_wt, weir::ternary, by_hand, Local>;
template <class Optimizer, class Local>
using worker_of = weir::worker<float, small_net, weir::softmax_cross_entropy, pipe_of<Optimizer, Local>>;

/// Beside plain sgd on the same samples, with a Wt that nothing reaches: local weights, where there are any, move alike.
template <class Local>
void follow() {
  constexpr float rate = 0.1f, keep = 0.75f;
  worker_of<weir::sgd, Local> plain;
  worker_of<weir::decayed_residual, Local> forgetful;
  const weir::fixed_wt never(1e9f);
  plain.begin(pipe_of<weir::sgd, Local>{weir::sgd(rate), never, weir::ternary(), by_hand(), Local(3)}, weir::rank_t{0});
  forgetful.begin(pipe_of<weir::decayed_residual, Local>{weir::decayed_residual(rate, keep), never, weir::ternary(),
                                                         by_hand(), Local(3)},
                  weir::rank_t{0});
  std::vector<float> before(small_net::parameters(), 0.0f), expected = before;
  weir::random_bits random(5);
  for (int step = 0; step < 30; ++step) {
    float x[5];
    for (float& v : x) v = static_cast<float>(random.below(1000)) / 500 - 1;
    const weir::index_t label = random.below(3);
    plain.train(x, label);
    forgetful.train(x, label);
    for (size_t i = 0; i < expected.size(); ++i) {
      expected[i] = keep * expected[i] + (plain.pending()[i] - before[i]);
      before[i] = plain.pending()[i];
      REQUIRE(static_cast<double>(forgetful.pending()[i]) ==
              doctest::Approx(static_cast<double>(expected[i])).epsilon(1e-4));
    }
  }
}

}  // namespace

TEST_CASE("a decayed residual keeps its share at every step, and local weights know nothing of it") {
  follow<weir::accumulate_only>();
  follow<weir::local_steps>();
}
