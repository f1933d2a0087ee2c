// SPDX-License-Identifier: MIT
#include "support/both_plans.hpp"
#include "support/check_layer.hpp"

#include <weir/learner.hpp>
#include <weir/nn/activation.hpp>
#include <weir/nn/dense.hpp>
#include <weir/nn/dropout.hpp>
#include <weir/nn/skip.hpp>
#include <weir/nn/softmax_cross_entropy.hpp>
#include <weir/optimizer/clipped.hpp>
#include <weir/optimizer/sgd.hpp>
#include <weir/threshold/always.hpp>
#include <weir/threshold/fixed_wt.hpp>

using namespace test_support;
using weir::dropout;
using weir::shape;

namespace {

/// What dropout makes of n ones.
template <class L, weir::index_t N, class A = float>
std::vector<A> of_ones(uint32_t chance) {
  layer_bench<L, shape<N>, 1, A> bench(1);
  for (size_t i = 0; i < N; ++i) bench.x[i] = A(1.0f);
  bench.chance = chance;
  bench.forward();
  bench.check_guards();
  return std::vector<A>(bench.y.data(), bench.y.data() + N);
}

template <class L>
void check_share(double p) {
  double zeros = 0;
  for (uint32_t chance = 1; chance <= 100; ++chance)
    for (const float v : of_ones<L, 1000>(weir::scramble(chance) | 1)) {
      CHECK((v == 0 || v == doctest::Approx(1 / (1 - p)).epsilon(1e-6)));
      zeros += v == 0;
    }
  CHECK(std::fabs(zeros - 1e5 * p) < 4 * std::sqrt(1e5 * p * (1 - p)));
}

}  // namespace

TEST_CASE("dropout drops its share, and makes up for it with the rest") {
  check_share<dropout<>>(0.5);
  check_share<dropout<1, 4>>(0.25);
  check_share<dropout<9, 10>>(0.9);
}

TEST_CASE("which numbers drop is a function of chance and place: golden, the same on every machine") {
  const std::vector<float> y = of_ones<dropout<>, 32>(1);
  uint32_t kept = 0;
  for (size_t i = 0; i < 32; ++i) kept |= static_cast<uint32_t>(y[i] != 0) << i;
  CHECK(kept == 0xECD8DFD9);
  CHECK(of_ones<dropout<>, 32>(1) == y);
  CHECK(of_ones<dropout<>, 32>(3) != y);
}

TEST_CASE("out of training nothing happens, in any number type, in place or not") {
  layer_bench<dropout<1, 3>, shape<50>, 2> bench(4);
  bench.forward();
  bench.backward();
  for (size_t i = 0; i < 100; ++i) {
    CHECK(bench.y[i] == bench.x[i]);
    CHECK(bench.dx[i] == bench.dy[i]);
  }
  typedef weir::fixed16<12> q;
  layer_bench<dropout<1, 3>, shape<50>, 2, q> small(4);
  const std::vector<q> before(small.x.data(), small.x.data() + 100);
  dropout<1, 3>::on<shape<50>>::forward<2>(small.w.data(), static_cast<const q*>(small.x.data()), small.x.data(),
                                           small.memory());
  CHECK(std::equal(before.begin(), before.end(), small.x.data()));
}

TEST_CASE("gradients of dropout, where dx may be dy") {
  check_layer<dropout<>, shape<9>, 1>(5, 1.0f / 64, 0, 77);
  check_layer<dropout<1, 5>, shape<3, 7>, 3>(5, 1.0f / 64, 0, 12345);
  layer_bench<dropout<>, shape<40>, 2> bench(2);
  bench.chance = 9;
  bench.forward();
  bench.backward();
  const std::vector<float> dx(bench.dx.data(), bench.dx.data() + 80);
  for (size_t i = 0; i < 80; ++i) CHECK((dx[i] == 0) == (bench.y[i] == 0));
  dropout<>::on<shape<40>>::backward<2>(static_cast<const float*>(nullptr), static_cast<const float*>(nullptr),
                                        static_cast<const float*>(nullptr), bench.memory(),
                                        static_cast<const float*>(bench.dy.data()), bench.dy.data());
  CHECK(std::equal(dx.begin(), dx.end(), bench.dy.data()));
}

TEST_CASE("fixed point: the same numbers drop, the others are the nearest to x / (1 - p), and saturate") {
  typedef weir::fixed16<12> q;
  for (uint32_t seed = 1; seed <= 10; ++seed) {
    layer_bench<dropout<1, 3>, shape<60>, 2, q> bench(seed);
    layer_bench<dropout<1, 3>, shape<60>, 2> wide(seed);
    bench.chance = wide.chance = seed;
    bench.x[0].raw = 32767, bench.x[1].raw = -32767;
    bench.forward();
    wide.forward();
    for (size_t i = 0; i < 120; ++i) {
      const double exact = wide.y[i] == 0 ? 0 : std::round(bench.x[i].raw * 1.5);
      CHECK(bench.y[i].raw == std::fmin(32767, std::fmax(-32767, exact)));
    }
  }
  const std::vector<weir::fixed8<4>> y = of_ones<dropout<>, 32, weir::fixed8<4>>(1);
  const std::vector<float> wide = of_ones<dropout<>, 32>(1);
  for (size_t i = 0; i < 32; ++i) CHECK(weir::to_float(y[i]) == wide[i]);
}

TEST_CASE("models with dropout: both plans agree, layers draw different chances, none is kept") {
  using weir::dense;
  using weir::input;
  using weir::sequential;
  typedef sequential<input<9>, dropout<1, 10>, dense<8>, weir::relu, dropout<>, dense<6>, dropout<1, 4>, weir::tanh,
                     dense<3>>
      net;
  for (uint32_t seed = 1; seed <= 5; ++seed) {
    both_plans<net, 1>(seed, seed);
    both_plans<net, 4>(seed, seed);
    CHECK(both_plans<net, 4>(seed, 1).outputs != both_plans<net, 4>(seed, 2).outputs);
    CHECK(both_plans<net, 2>(seed, 0).outputs == both_plans<net, 2>(seed, 0).outputs);
  }
  typedef sequential<input<64>, dropout<>, dropout<>, dropout<>> thrice;
  std::vector<float> ones(64, 1.0f), space(thrice::elements(1));
  const float* const y = thrice::forward<1>(static_cast<const float*>(nullptr), ones.data(), space.data(), 5);
  const size_t left = static_cast<size_t>(std::count(y, y + 64, 8.0f));
  CHECK(left > 0);
  CHECK(left < 25);  // an eighth of 64; half, if all drew the same
  static_assert(sequential<input<9>, dense<8>, dropout<>>::elements() == 8, "in place");
}

namespace {

/// Is a point inside of a circle? So many of 1000 are told right after training with dropout.
template <class Number, class Optimizer, class Threshold>
int circle(Optimizer optimizer, Threshold threshold) {
  typedef typename weir::number<Number>::weight weight;
  typedef weir::sequential<weir::input<2>, weir::dense<24>, weir::relu,
                           weir::skip<dropout<1, 5>, weir::dense<24>, weir::relu>, dropout<1, 5>, weir::dense<2>>
      net;
  static weir::learner<Number, net, weir::softmax_cross_entropy, Optimizer, Threshold> device;
  device.begin(optimizer, threshold, 2);
  weir::random_bits random(6);
  weight x[2];
  const auto draw = [&] {
    const float a = 2 * random.unit() - 1, b = 2 * random.unit() - 1;
    x[0] = weight(a), x[1] = weight(b);
    return static_cast<weir::index_t>(a * a + b * b < 0.5f);
  };
  for (int step = 0; step < 8000; ++step) {
    const weir::index_t label = draw();
    device.train(x, label);
  }
  int right = 0;
  for (int i = 0; i < 1000; ++i) {
    const weir::index_t label = draw();
    const weight* y = device.outputs(x);
    const weight first = y[0];
    y = device.outputs(x);
    CHECK(y[0] == first);  // nothing is left to chance
    right += device.predict(x) == label;
  }
  return right;
}

}  // namespace

TEST_CASE("training with dropout, in a block and outside, in floats and in 16 bits; with clipping, too") {
  CHECK(circle<float>(weir::sgd{0.05f}, weir::always{}) > 930);
  CHECK(circle<float>(weir::clipped<weir::sgd>{weir::sgd{0.05f}, 2.0f}, weir::always{}) > 930);
  CHECK(circle<weir::fixed16<12>>(weir::sgd{0.05f}, weir::fixed_wt{0.004f}) > 930);
}
