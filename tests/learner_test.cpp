// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

#include <doctest/doctest.h>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <type_traits>
#include <vector>

namespace {

typedef weir::sequential<weir::input<4>, weir::dense<8>, weir::relu, weir::dense<3>> net;

/// Three clouds in four dimensions, a little apart.
template <class Weight>
struct clouds {
  weir::random_bits random;
  Weight x[4 * 8];
  weir::index_t label[8];

  explicit clouds(uint32_t seed) : random(seed) {}
  void next(size_t batch = 1) {
    static const float center[3][4] = {{1, 0, 0, 0.5f}, {0, 1, -0.5f, 0}, {-1, 0, 0.5f, 1}};
    for (size_t b = 0; b < batch; ++b) {
      label[b] = random.below(3);
      for (int i = 0; i < 4; ++i)
        x[4 * b + static_cast<size_t>(i)] = Weight(center[label[b]][i] + 0.8f * (random.unit() - 0.5f));
    }
  }
};

template <class Learner>
int hits_of_1000(Learner& l) {
  clouds<typename Learner::weight> data(999);
  int hits = 0;
  for (int i = 0; i < 1000; ++i) {
    data.next();
    const bool hit = l.hit(data.x, data.label[0]);
    REQUIRE(hit == (l.predict(data.x) == data.label[0]));
    hits += hit ? 1 : 0;
  }
  return hits;
}

template <class Number, class Optimizer, class Threshold>
void check_learns(const Optimizer& optimizer, const Threshold& threshold, int at_least = 930) {
  typedef weir::learner<Number, net, weir::softmax_cross_entropy, Optimizer, Threshold> learner;
  static_assert(std::is_trivially_default_constructible<learner>::value, "no constructor runs before main");
  static_assert(std::is_trivially_copyable<learner>::value, "a learner is saved by memcpy");
  const auto l = std::make_unique<learner>();
  l->begin(optimizer, threshold, 3);
  clouds<typename learner::weight> data(1);
  for (int i = 0; i < 3000; ++i) {
    data.next();
    l->train(data.x, data.label[0]);
  }
  CHECK(hits_of_1000(*l) >= at_least);
}

}  // namespace

TEST_CASE_TEMPLATE("a learner learns, with every optimizer behind every threshold", Number, float, weir::fixed16<12>,
                   weir::numbers<weir::fixed16<10>, weir::fixed<int16_t, 16>>,
                   weir::numbers<weir::fixed16<10>, weir::fixed8<10>>, weir::fixed8<5>,
                   weir::numbers<weir::fixed8<5>, weir::fixed8<9>>) {
  const auto with = [](const auto& optimizer) {
    check_learns<Number>(optimizer, weir::always{});
    check_learns<Number>(optimizer, weir::fixed_wt{0.01f});
    check_learns<Number>(optimizer, weir::target_density{0.05f});
    check_learns<Number>(optimizer, weir::warm_up<weir::target_density>{weir::target_density{0.1f}, 50});
  };
  with(weir::sgd{0.05f});
  with(weir::basic_sgd<weir::step_rate>{weir::step_rate{0.1f, 500, 0.7f}});
  with(weir::basic_sgd<weir::cosine_rate>{weir::cosine_rate{0.1f, 3000}});
  with(weir::momentum{0.01f, 0.8f});
  with(weir::nesterov{0.01f, 0.8f});
  with(weir::clipped<weir::sgd>{weir::sgd{0.05f}, 1.0f});
  with(weir::decayed<weir::momentum>{weir::momentum{0.01f, 0.8f}, 1e-4f});
  with(weir::decayed<weir::clipped<weir::nesterov>>{weir::clipped<weir::nesterov>{weir::nesterov{0.01f, 0.8f}, 1.0f},
                                                    1e-4f});
}

TEST_CASE("with everything passing, a learner is plain gradient descent, bit for bit") {
  typedef weir::learner<float, net, weir::softmax_cross_entropy, weir::sgd, weir::always> learner;
  const auto l = std::make_unique<learner>();
  l->begin(weir::sgd{0.1f}, weir::always{}, 5);

  // The same by hand: the gradient of the model into a buffer, and the buffer times the rate out of the weights.
  struct into_buffer {
    float update[net::parameters()];
    void add(weir::index_t offset, float scale, const float* row, weir::index_t n) {
      for (weir::index_t i = 0; i < n; ++i) update[offset + i] += 0.1f * scale * row[i];
    }
    void add(weir::index_t offset, const float* row, weir::index_t n) {
      for (weir::index_t i = 0; i < n; ++i) update[offset + i] += 0.1f * row[i];
    }
  };
  std::vector<float> w(net::parameters());
  net::initialize(w.data(), 5);
  CHECK(std::memcmp(w.data(), l->weights().data(), w.size() * sizeof(float)) == 0);

  clouds<float> data(2);
  net::workspace<float, 1> space;
  for (int step = 0; step < 200; ++step) {
    data.next();
    l->train(data.x, data.label[0]);
    const float* y = net::forward<1>(static_cast<const float*>(w.data()), data.x, space.cells);
    weir::softmax_cross_entropy::gradient(y, 3, data.label[0], space.delta());
    into_buffer sink = {};
    net::learn<1>(static_cast<const float*>(w.data()), data.x, space, sink);
    for (size_t i = 0; i < w.size(); ++i) w[i] -= sink.update[i];
    REQUIRE(std::memcmp(w.data(), l->weights().data(), w.size() * sizeof(float)) == 0);
  }
}

TEST_CASE("a gradient is a mean: a sample taken eight times is that sample once") {
  weir::learner<float, net, weir::softmax_cross_entropy, weir::sgd, weir::always> one = {};
  weir::learner<float, net, weir::softmax_cross_entropy, weir::sgd, weir::always, 8> eight = {};
  one.begin(weir::sgd{0.125f}, weir::always{});
  eight.begin(weir::sgd{0.125f}, weir::always{});
  clouds<float> data(3);
  for (int step = 0; step < 50; ++step) {
    data.next();
    for (size_t b = 1; b < 8; ++b) {
      std::copy(data.x, data.x + 4, data.x + 4 * b);
      data.label[b] = data.label[0];
    }
    one.train(data.x, data.label[0]);
    eight.train(data.x, data.label);
  }
  for (size_t i = 0; i < net::parameters(); ++i)
    CHECK(one.weights()[i] == doctest::Approx(static_cast<double>(eight.weights()[i])).epsilon(1e-4));
}

TEST_CASE_TEMPLATE("a learner is a plain value: it can be copied at any time, and the copy goes on the same", Number,
                   weir::fixed16<12>, weir::numbers<weir::fixed16<10>, weir::fixed8<10>>) {
  typedef weir::learner<Number, net, weir::softmax_cross_entropy, weir::sgd, weir::target_density> learner;
  learner a = {}, b = {};
  a.begin(weir::sgd{0.05f}, weir::target_density{0.05f});
  clouds<typename learner::weight> data(4);
  for (int i = 0; i < 500; ++i) {
    data.next();
    a.train(data.x, data.label[0]);
    if (i == 250) b = a;
    if (i > 250) b.train(data.x, data.label[0]);
  }
  CHECK(a.saturated() == 0);
  for (size_t i = 0; i < net::parameters(); ++i) REQUIRE(a.weights()[i] == b.weights()[i]);
  CHECK(a.report().wt == b.report().wt);
  CHECK(a.report().hits == b.report().hits);
  CHECK(a.report().rounds == 500);
  CHECK(b.report().rounds == 500);
}

TEST_CASE("weights can be saved and put back") {
  typedef weir::learner<weir::fixed16<12>, net, weir::softmax_cross_entropy, weir::sgd, weir::target_density> learner;
  learner a = {}, b = {};
  a.begin(weir::sgd{0.05f}, weir::target_density{0.05f}, 1);
  b.begin(weir::sgd{0.05f}, weir::target_density{0.05f}, 2);
  clouds<weir::fixed16<12>> data(5);
  for (int i = 0; i < 500; ++i) {
    data.next();
    a.train(data.x, data.label[0]);
  }
  std::copy(a.weights().begin(), a.weights().end(), b.weights().begin());
  for (int i = 0; i < 50; ++i) {
    data.next();
    CHECK(a.loss(data.x, data.label[0]) == b.loss(data.x, data.label[0]));
    CHECK(a.predict(data.x) == b.predict(data.x));
    for (int o = 0; o < 3; ++o) CHECK(a.outputs(data.x)[o] == b.outputs(data.x)[o]);
  }
}

TEST_CASE("with `always`, momentum is plain momentum: what is sent at every step is not masked") {
  typedef weir::sequential<weir::input<1>, weir::dense<1>> line;
  weir::learner<float, line, weir::mean_squared_error, weir::momentum, weir::always> l;
  l.begin(weir::momentum(0.01f, 0.9f), weir::always(), 7);
  double w = static_cast<double>(l.weights()[0]), b = static_cast<double>(l.weights()[1]), uw = 0, ub = 0;
  const float x = 0.5f, wanted = 3.0f;
  for (int step = 0; step < 50; ++step) {
    const double g = 2 * (w * 0.5 + b - 3.0);
    uw = 0.9 * uw + g * 0.5;
    ub = 0.9 * ub + g;
    w -= 0.01 * uw;
    b -= 0.01 * ub;
    l.train(&x, &wanted);
  }
  CHECK(l.weights()[0] == doctest::Approx(w).epsilon(1e-4));
  CHECK(l.weights()[1] == doctest::Approx(b).epsilon(1e-4));
}

TEST_CASE("a sample that is not a number is skipped and counted, and spoils nothing") {
  weir::learner<float, net, weir::softmax_cross_entropy, weir::momentum, weir::fixed_wt> l;
  l.begin(weir::momentum(0.05f), weir::fixed_wt(0.01f), 3);
  clouds<float> data(1);
  for (int i = 0; i < 100; ++i) data.next(), l.train(data.x, data.label[0]);
  const std::vector<float> before(l.weights().begin(), l.weights().end());
  for (const float broken : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    const float x[4] = {broken, 0, 1, broken};
    l.train(x, 0);  // the literal is a label, not a pointer
  }
  CHECK(l.saturated() == 1);  // relu makes 0 of NaN: then nothing is wrong behind it
  for (size_t i = 0; i < before.size(); ++i) CHECK(std::isfinite(l.weights()[i]));
  for (int i = 0; i < 2000; ++i) data.next(), l.train(data.x, data.label[0]);
  CHECK(hits_of_1000(l) >= 900);
}
