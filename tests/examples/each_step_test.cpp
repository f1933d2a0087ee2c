// SPDX-License-Identifier: MIT
// What fleet's models of sequences have of their own: a layer, and a loss, at each step.
#include "fleet/each_step.hpp"

#include "support/check_layer.hpp"

#include <weir/nn/dense.hpp>
#include <weir/nn/softmax_cross_entropy.hpp>

using namespace test_support;
using namespace weir;

TEST_CASE("each_step: its gradients are derivatives") {
  check_layer<fleet::each_step<dense<3>>, shape<5, 4>, 1>();
  check_layer<fleet::each_step<dense<7>>, shape<3, 2>, 9>();
}

TEST_CASE("each_step is its layer at each step, with the same weights") {
  using steps = fleet::each_step<dense<3>>::on<shape<5, 4>>;
  using one = dense<3>::on<shape<4>>;
  static_assert(steps::parameters() == one::parameters(), "weights of one step");
  static_assert(steps::output::rank() == 2 && steps::output::size() == 15, "a row for each step");
  layer_bench<fleet::each_step<dense<3>>, shape<5, 4>, 2> bench(1);
  bench.forward();
  for (index_t i = 0; i < 10; ++i) {
    float y[3];
    one::forward<1>(bench.w.data(), bench.x.data() + 4 * i, y, layer_memory<float>());
    for (index_t o = 0; o < 3; ++o) CHECK(bench.y[3 * i + o] == doctest::Approx(y[o]));
  }
}

TEST_CASE("mean_over_steps: its gradient is the value's, and hits are counted") {
  using loss = fleet::mean_over_steps<softmax_cross_entropy, 3>;
  float y[6] = {0.5f, -1.0f, 0.25f, 2.0f, 0.0f, 1.0f}, dy[6];
  const index_t labels[] = {0, 2};
  CHECK(loss::value(y, 6, labels) ==
        doctest::Approx(0.5f * (softmax_cross_entropy::value(y, 3, 0) + softmax_cross_entropy::value(y + 3, 3, 2))));
  loss::gradient(y, 6, labels, dy);
  for (index_t i = 0; i < 6; ++i) {
    const float there = y[i], h = 1.0f / 64;
    y[i] = there + h;
    const float more = loss::value(y, 6, labels);
    y[i] = there - h;
    const float less = loss::value(y, 6, labels);
    y[i] = there;
    CHECK(dy[i] == doctest::Approx((more - less) / (2 * h)).epsilon(0.01));
  }
  CHECK(loss::hits(y, 6, labels) == 1);
  CHECK_FALSE(loss::hit(y, 6, labels));
  const index_t both[] = {0, 0};
  CHECK(loss::hit(y, 6, both));
}
