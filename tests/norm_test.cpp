// SPDX-License-Identifier: MIT
// Layers that normalize, against their definitions in double.
#include "support/both_plans.hpp"
#include "support/check_layer.hpp"

#include <weir/learner.hpp>
#include <weir/nn/activation.hpp>
#include <weir/nn/batch_norm.hpp>
#include <weir/nn/dense.hpp>
#include <weir/nn/group_norm.hpp>
#include <weir/nn/layer_norm.hpp>
#include <weir/nn/mean_squared_error.hpp>
#include <weir/nn/rms_norm.hpp>
#include <weir/optimizer/sgd.hpp>
#include <weir/threshold/always.hpp>

using namespace test_support;
using weir::index_t;
using weir::shape;

namespace {

const double epsilon = 1e-5;

struct moments {
  double mean = 0, variance = 0, square = 0;
};

/// Of the numbers that `cells` lists.
template <class Bench>
moments moments_of(Bench& bench, const std::vector<size_t>& cells) {
  moments m;
  const double n = static_cast<double>(cells.size());
  for (const size_t i : cells) m.mean += static_cast<double>(bench.x[i]) / n;
  for (const size_t i : cells) {
    const double v = static_cast<double>(bench.x[i]);
    m.variance += (v - m.mean) * (v - m.mean) / n;
    m.square += v * v / n;
  }
  return m;
}

/// Checks y where `group(i)` names what element i is normalized with, and `gain(i)` its gain; biases stand behind `gains`.
template <class L, class In, index_t B, class Group, class Gain>
void check_forward(size_t gains, Group group, Gain gain, bool centered = true, uint32_t chance = 0) {
  for (uint32_t seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    layer_bench<L, In, B> bench(seed);
    bench.chance = chance;
    bench.forward();
    bench.check_guards();
    double worst = 0;
    for (size_t i = 0; i < bench.y.size(); ++i) {
      std::vector<size_t> cells;
      for (size_t k = 0; k < bench.x.size(); ++k)
        if (group(k) == group(i)) cells.push_back(k);
      const moments m = moments_of(bench, cells);
      const double x = static_cast<double>(bench.x[i]), factor = static_cast<double>(bench.w[gain(i)]);
      const double want = centered ? (x - m.mean) / std::sqrt(m.variance + epsilon) * factor +
                                         static_cast<double>(bench.w[gains + gain(i)])
                                   : x / std::sqrt(m.square + epsilon) * factor;
      worst = std::max(worst, std::fabs(want - static_cast<double>(bench.y[i])));
    }
    CHECK(worst < 2e-6);
  }
}

}  // namespace

TEST_CASE("layer_norm: the last axis, or several") {
  check_forward<weir::layer_norm<>, shape<7>, 3>(
      7, [](size_t i) { return i / 7; }, [](size_t i) { return i % 7; });
  check_forward<weir::layer_norm<>, shape<4, 33>, 2>(
      33, [](size_t i) { return i / 33; }, [](size_t i) { return i % 33; });
  check_forward<weir::layer_norm<2>, shape<3, 4, 5>, 2>(
      20, [](size_t i) { return i / 20; }, [](size_t i) { return i % 20; });
  check_forward<weir::layer_norm<3>, shape<3, 4, 5>, 2>(
      60, [](size_t i) { return i / 60; }, [](size_t i) { return i % 60; });
}

TEST_CASE("rms_norm") {
  check_forward<weir::rms_norm<>, shape<7>, 3>(
      7, [](size_t i) { return i / 7; }, [](size_t i) { return i % 7; }, false);
  check_forward<weir::rms_norm<2>, shape<2, 5, 4>, 2>(
      20, [](size_t i) { return i / 20; }, [](size_t i) { return i % 20; }, false);
}

TEST_CASE("group_norm and instance_norm: channels first") {
  check_forward<weir::group_norm<2>, shape<6, 5>, 3>(
      6, [](size_t i) { return i / 15; }, [](size_t i) { return i / 5 % 6; });
  check_forward<weir::group_norm<3>, shape<6>, 3>(
      6, [](size_t i) { return i / 2; }, [](size_t i) { return i % 6; });
  check_forward<weir::group_norm<1>, shape<4, 3, 3>, 2>(
      4, [](size_t i) { return i / 36; }, [](size_t i) { return i / 9 % 4; });
  check_forward<weir::instance_norm, shape<4, 3, 7>, 2>(
      4, [](size_t i) { return i / 21; }, [](size_t i) { return i / 21 % 4; });
  static_assert(weir::group_norm<2>::on<shape<6, 5>>::parameters() == 12, "a gain and a bias for each channel");
}

TEST_CASE("batch_norm: a channel over batch and positions in training") {
  check_forward<weir::batch_norm, shape<3, 4>, 5>(
      3, [](size_t i) { return i / 4 % 3; }, [](size_t i) { return i / 4 % 3; }, true, 1);
  check_forward<weir::batch_norm, shape<9>, 4>(
      9, [](size_t i) { return i % 9; }, [](size_t i) { return i % 9; }, true, 1);
  check_forward<weir::batch_norm, shape<2, 5, 5>, 1>(
      2, [](size_t i) { return i / 25; }, [](size_t i) { return i / 25; }, true, 1);
}

TEST_CASE("gradients of norms") {
  check_layer<weir::layer_norm<>, shape<5>, 1>();
  check_layer<weir::layer_norm<>, shape<3, 20>, 2>();
  check_layer<weir::layer_norm<2>, shape<3, 4>, 3>();
  check_layer<weir::rms_norm<>, shape<5>, 1>();
  check_layer<weir::rms_norm<>, shape<3, 20>, 2>();
  check_layer<weir::rms_norm<2>, shape<3, 4>, 3>();
  check_layer<weir::group_norm<2>, shape<4, 5>, 1>();
  check_layer<weir::group_norm<2>, shape<8>, 3>();
  check_layer<weir::group_norm<3>, shape<3, 4, 5>, 2>();
  check_layer<weir::instance_norm, shape<2, 19>, 2>();
}

TEST_CASE("gradients of batch_norm, in training and out of it") {
  for (const uint32_t chance : {1u, 0u}) {
    CAPTURE(chance);
    check_layer<weir::batch_norm, shape<5>, 4>(5, 1.0f / 64, 10, chance);
    check_layer<weir::batch_norm, shape<3, 6>, 1>(5, 1.0f / 64, 6, chance);
    check_layer<weir::batch_norm, shape<2, 3, 3>, 3>(5, 1.0f / 64, 4, chance);
    check_layer<weir::batch_norm, shape<5>, 1>(5, 1.0f / 64, 10, chance);
  }
}

TEST_CASE(
    "batch_norm's running statistics: out of training they are taken, in training their gradient leads to the "
    "batch's") {
  typedef weir::batch_norm layer;
  layer_bench<layer, shape<3, 4>, 5> bench(1);
  bench.forward();
  for (size_t i = 0; i < bench.y.size(); ++i) {
    const size_t c = i / 4 % 3;
    const auto w = [&](size_t kind) { return static_cast<double>(bench.w[3 * kind + c]); };
    const double want = (static_cast<double>(bench.x[i]) - w(2)) / std::sqrt(w(3) + epsilon) * w(0) + w(1);
    CHECK(static_cast<double>(bench.y[i]) == doctest::Approx(want).epsilon(1e-5));
  }
  bench.backward();
  for (size_t i = 6; i < 12; ++i) CHECK(bench.gradient()[i] == 0);

  bench.chance = 1;
  bench.forward();
  bench.backward();
  const std::vector<float> g = bench.gradient();
  for (size_t c = 0; c < 3; ++c) {
    std::vector<size_t> cells;
    for (size_t i = 0; i < bench.x.size(); ++i)
      if (i / 4 % 3 == c) cells.push_back(i);
    const moments m = moments_of(bench, cells);
    // A gradient is divided by the batch before it is taken: so 5 times the way.
    CHECK(static_cast<double>(g[6 + c]) ==
          doctest::Approx(5 * (static_cast<double>(bench.w[6 + c]) - m.mean)).epsilon(1e-5));
    CHECK(static_cast<double>(g[9 + c]) ==
          doctest::Approx(5 * (static_cast<double>(bench.w[9 + c]) - m.variance * 20 / 19)).epsilon(1e-5));
  }
}

TEST_CASE("batch_norm: a variance that an update has taken below 0, and a batch with one number for a channel") {
  layer_bench<weir::batch_norm, shape<2>, 1> bench(3);
  bench.w[6] = -0.5f;
  bench.forward();
  CHECK(bench.y[0] == doctest::Approx((bench.x[0] - bench.w[4]) * bench.w[0] / std::sqrt(1e-5f) + bench.w[2]));
  const std::vector<float> outputs(bench.y.data(), bench.y.data() + 2);
  bench.chance = 1;  // training at batch 1 is the same, and moves nothing
  bench.forward();
  CHECK(std::equal(outputs.begin(), outputs.end(), bench.y.data()));
  bench.backward();
  for (size_t i = 4; i < 8; ++i) CHECK(bench.gradient()[i] == 0);
}

TEST_CASE("gains begin at 1, biases at 0, so outputs have mean 0 and deviation 1; a constant input gives 0") {
  layer_bench<weir::layer_norm<>, shape<50>, 1> bench(1, 0);
  for (size_t i = 0; i < 50; ++i) CHECK(bench.w[i] == 1);
  for (size_t i = 50; i < 100; ++i) CHECK(bench.w[i] == 0);
  bench.forward();
  double sum = 0, squares = 0;
  for (size_t i = 0; i < 50; ++i) {
    sum += static_cast<double>(bench.y[i]);
    squares += static_cast<double>(bench.y[i]) * static_cast<double>(bench.y[i]);
  }
  CHECK(std::fabs(sum) < 1e-5);
  CHECK(squares == doctest::Approx(50).epsilon(1e-4));
  for (size_t i = 0; i < 50; ++i) bench.x[i] = 0.75f;
  bench.forward();
  bench.backward();
  for (size_t i = 0; i < 50; ++i) CHECK(bench.y[i] == 0);
  for (size_t i = 0; i < 50; ++i) CHECK(std::isfinite(bench.dx[i]));
}

TEST_CASE("a mean far from 0 does not eat the variance") {
  layer_bench<weir::layer_norm<>, shape<64>, 1> bench(1, 0), moved(1, 0);
  for (size_t i = 0; i < 64; ++i) {
    bench.x[i] = std::ldexp(std::round(std::ldexp(bench.x[i], 8)), -8);
    moved.x[i] = bench.x[i] + 1024;  // exact
  }
  bench.forward();
  moved.forward();
  for (size_t i = 0; i < 64; ++i) CHECK(moved.y[i] == doctest::Approx(bench.y[i]).epsilon(1e-3));
}

TEST_CASE("models with norms: both plans agree to the bit") {
  using weir::dense;
  using weir::input;
  using weir::sequential;
  typedef sequential<input<9>, dense<8>, weir::batch_norm, weir::relu, dense<6>, weir::layer_norm<>, weir::tanh,
                     dense<6>, weir::group_norm<2>, weir::rms_norm<>, dense<3>>
      net;
  typedef sequential<input<9>, weir::batch_norm, weir::relu, weir::layer_norm<>> norms_first;
  for (uint32_t seed = 1; seed <= 5; ++seed) {
    both_plans<net, 1>(seed);
    both_plans<net, 4>(seed);
    both_plans<norms_first, 3>(seed);
  }
}

TEST_CASE("batch_norm learns what training data look like") {
  typedef weir::sequential<weir::input<2>, weir::batch_norm, weir::dense<1>> net;
  static weir::learner<float, net, weir::mean_squared_error, weir::sgd, weir::always, 16> device;
  device.begin(weir::sgd{0.1f}, weir::always{});
  weir::random_bits random(5);
  for (int step = 0; step < 300; ++step) {
    float x[32], t[16];
    const float* targets[16];
    for (int i = 0; i < 16; ++i) {
      x[2 * i] = 30 + 4 * random.unit();
      x[2 * i + 1] = -7 + random.unit();
      t[i] = (x[2 * i] - 32) / 2 - 2 * (x[2 * i + 1] + 6.5f);
      targets[i] = t + i;
    }
    device.train(x, static_cast<const float* const*>(targets));
  }
  const float* const w = device.weights().data();
  CHECK(std::fabs(w[4] - 32) < 0.5f);  // the mean of a batch of 16 is off by 1.15 / 4, and ten batches are averaged
  CHECK(std::fabs(w[5] + 6.5f) < 0.15f);
  CHECK(std::fabs(w[6] - 16.0f / 12) < 0.3f);
  CHECK(std::fabs(w[7] - 1.0f / 12) < 0.02f);
  for (const float v : {30.0f, 31.0f, 33.0f}) {
    const float x[2] = {v, -6.25f};
    CHECK(std::fabs(device.outputs(x)[0] - ((v - 32) / 2 - 0.5f)) < 0.2f);
  }
}
