// SPDX-License-Identifier: MIT
// The promise of layers and losses: the analytic gradient equals the numerical one.
#include "support/gradient_buffer.hpp"
#include "support/reference_model.hpp"

#include <doctest/doctest.h>

#include <random>
#include <weir/nn/activation.hpp>
#include <weir/nn/dense.hpp>
#include <weir/nn/hinge.hpp>
#include <weir/nn/mean_squared_error.hpp>
#include <weir/nn/sequential.hpp>
#include <weir/nn/softmax_cross_entropy.hpp>

using namespace test_support;
using weir::index_t;

namespace {

/// One batch for `Net`: weights from the library's own initialisation plus noise (biases too), inputs, targets.
template <class Net, index_t B, class A = float>
struct problem {
  std::vector<A> w, x, wanted;
  std::vector<index_t> labels;

  explicit problem(uint32_t seed) : w(Net::parameters()), x(B * Net::inputs()), wanted(B * Net::outputs()), labels(B) {
    std::mt19937 rng{seed};
    const auto noise = [&] { return static_cast<float>(rng() >> 8) / 8388608.0f - 1.0f; };
    Net::initialize(w.data(), seed);
    for (A& v : w) v = A(weir::to_float(v) + 0.1f * noise());
    for (A& v : x) v = A(noise());
    for (A& v : wanted) v = A(noise());
    for (index_t& l : labels) l = static_cast<index_t>(rng() % (Net::outputs() == 1 ? 2 : Net::outputs()));
  }
};

index_t target_of(const std::vector<index_t>& labels, const float*, size_t b, weir::softmax_cross_entropy) {
  return labels[b];
}
index_t target_of(const std::vector<index_t>& labels, const float*, size_t b, weir::hinge) { return labels[b]; }
const float* target_of(const std::vector<index_t>&, const float* wanted, size_t, weir::mean_squared_error) {
  return wanted;
}

/// The first half of a step: outputs, and their deltas where the workspace wants them.
template <class Net, class Loss, index_t B, class Space>
void to_deltas(const problem<Net, B>& p, Space& space) {
  const float* const y = Net::template forward<B>(p.w.data(), p.x.data(), space.cells);
  for (size_t b = 0; b < B; ++b)
    Loss::gradient(y + b * Net::outputs(), Net::outputs(),
                   target_of(p.labels, p.wanted.data() + b * Net::outputs(), b, Loss()),
                   space.delta() + b * Net::outputs());
}

/// The library's gradient, summed over the batch, by both plans; its squared length goes to `norm2`.
template <class Net, class Loss, index_t B>
std::vector<float> analytic(const problem<Net, B>& p, float& norm2) {
  static typename Net::template full_workspace<float, B> full;
  to_deltas<Net, Loss, B>(p, full);
  Net::template backward<B>(p.w.data(), p.x.data(), full);
  gradient_buffer sink(Net::parameters());
  Net::template gradient<B>(p.x.data(), full, sink);
  norm2 = Net::template gradient_norm2<B>(p.x.data(), full);

  static typename Net::template workspace<float, B> space;
  to_deltas<Net, Loss, B>(p, space);
  gradient_buffer on_the_way(Net::parameters());
  Net::template learn<B>(p.w.data(), p.x.data(), space, on_the_way);
  CHECK(on_the_way.g == sink.g);
  return sink.g;
}

template <class Net, class Loss, index_t B>
void check_gradient(const reference_model& model) {
  double all_lengths2 = 0;
  for (uint32_t seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    const problem<Net, B> p(seed);
    const std::vector<double> w(p.w.begin(), p.w.end()), x(p.x.begin(), p.x.end()),
        wanted(p.wanted.begin(), p.wanted.end());
    const auto loss = [&](const std::vector<double>& at) {
      double sum = 0;
      for (size_t b = 0; b < B; ++b)
        sum += model.value(model.forward(at, x.data() + b * Net::inputs()), p.labels[b],
                           wanted.data() + b * Net::outputs());
      return sum;
    };
    const std::vector<double> numerical = numerical_gradient(w, loss);

    float norm2 = 0;
    const std::vector<float> g = analytic<Net, Loss, B>(p, norm2);
    double length2 = 0, worst = 0;
    for (size_t i = 0; i < g.size(); ++i) {
      length2 += static_cast<double>(g[i]) * static_cast<double>(g[i]);
      worst = std::fmax(worst, std::fabs(static_cast<double>(g[i]) - numerical[i]));
    }
    all_lengths2 += length2;
    CHECK(worst <= 2e-6 * (1 + std::sqrt(length2)));
    CHECK(std::fabs(static_cast<double>(norm2) - length2) <= 1e-5 * length2);

    // And the way there: outputs and the value of the loss.
    std::vector<float> activations(Net::elements(B));
    const float* const y = Net::template forward<B>(p.w.data(), p.x.data(), activations.data());
    double value = 0;
    for (size_t b = 0; b < B; ++b)
      value += static_cast<double>(Loss::value(y + b * Net::outputs(), Net::outputs(),
                                               target_of(p.labels, p.wanted.data() + b * Net::outputs(), b, Loss())));
    CHECK(std::fabs(value - loss(w)) <= 1e-5 * (1 + std::fabs(value)));
  }
  CHECK(all_lengths2 > 1e-6);  // there was something to compare
}

template <class Net, class Loss>
void check_batches(const reference_model& model) {
  check_gradient<Net, Loss, 1>(model);
  check_gradient<Net, Loss, 2>(model);
  check_gradient<Net, Loss, 7>(model);
}

constexpr loss_kind ce = loss_kind::cross_entropy, mse = loss_kind::squared, hinge = loss_kind::hinge;
typedef weir::softmax_cross_entropy cross_entropy;
typedef weir::mean_squared_error squared;

}  // namespace

TEST_CASE("one dense layer under each loss") {
  typedef weir::sequential<weir::input<5>, weir::dense<4>> net;
  check_batches<net, cross_entropy>({5, {{kind::dense, 4}}, ce});
  check_batches<net, squared>({5, {{kind::dense, 4}}, mse});
  check_batches<net, weir::hinge>({5, {{kind::dense, 4}}, hinge});
}

TEST_CASE("a single output") {
  typedef weir::sequential<weir::input<3>, weir::dense<1>> net;
  check_batches<net, squared>({3, {{kind::dense, 1}}, mse});
  check_batches<net, weir::hinge>({3, {{kind::dense, 1}}, hinge});
}

TEST_CASE("each activation between dense layers, in place") {
  const auto model = [](kind k) { return reference_model{17, {{kind::dense, 9}, {k, 0}, {kind::dense, 6}}, ce}; };
  using weir::dense;
  using weir::input;
  using weir::sequential;
  check_batches<sequential<input<17>, dense<9>, weir::relu, dense<6>>, cross_entropy>(model(kind::relu));
  check_batches<sequential<input<17>, dense<9>, weir::leaky_relu<>, dense<6>>, cross_entropy>(model(kind::leaky7));
  check_batches<sequential<input<17>, dense<9>, weir::leaky_relu<1>, dense<6>>, cross_entropy>(model(kind::leaky1));
  check_batches<sequential<input<17>, dense<9>, weir::sigmoid, dense<6>>, cross_entropy>(model(kind::sigmoid));
  check_batches<sequential<input<17>, dense<9>, weir::tanh, dense<6>>, cross_entropy>(model(kind::tanh));
}

TEST_CASE("an activation first: it must not write into the sample") {
  typedef weir::sequential<weir::input<6>, weir::tanh, weir::dense<3>> net;
  check_batches<net, cross_entropy>({6, {{kind::tanh, 0}, {kind::dense, 3}}, ce});
  static_assert(net::elements() == 6 + 3, "its output has a block of its own");
  typedef weir::sequential<weir::input<6>, weir::relu, weir::dense<3>> with_relu;
  check_batches<with_relu, cross_entropy>({6, {{kind::relu, 0}, {kind::dense, 3}}, ce});
}

TEST_CASE("an activation last") {
  typedef weir::sequential<weir::input<6>, weir::dense<3>, weir::sigmoid> net;
  check_batches<net, squared>({6, {{kind::dense, 3}, {kind::sigmoid, 0}}, mse});
  static_assert(net::elements() == 3, "in place");
}

TEST_CASE("two activations in a row: the second must not overwrite what the first one's derivative reads") {
  typedef weir::sequential<weir::input<8>, weir::dense<7>, weir::leaky_relu<1>, weir::tanh, weir::dense<4>> net;
  check_batches<net, cross_entropy>({8, {{kind::dense, 7}, {kind::leaky1, 0}, {kind::tanh, 0}, {kind::dense, 4}}, ce});
  static_assert(net::elements() == 7 + 7 + 4, "dense and leaky_relu share a block, tanh has its own");
  typedef weir::sequential<weir::input<8>, weir::dense<7>, weir::sigmoid, weir::tanh, weir::sigmoid> three;
  check_batches<three, squared>({8, {{kind::dense, 7}, {kind::sigmoid, 0}, {kind::tanh, 0}, {kind::sigmoid, 0}}, mse});
}

TEST_CASE("deep chains") {
  typedef weir::sequential<weir::input<16>, weir::dense<12>, weir::relu, weir::dense<10, weir::xavier_uniform>,
                           weir::tanh, weir::dense<8>, weir::leaky_relu<>, weir::dense<1>, weir::sigmoid,
                           weir::dense<5>>
      net;
  check_batches<net, cross_entropy>({16,
                                     {{kind::dense, 12},
                                      {kind::relu, 0},
                                      {kind::dense, 10},
                                      {kind::tanh, 0},
                                      {kind::dense, 8},
                                      {kind::leaky7, 0},
                                      {kind::dense, 1},
                                      {kind::sigmoid, 0},
                                      {kind::dense, 5}},
                                     ce});
}

TEST_CASE("dense layers without anything between them") {
  typedef weir::sequential<weir::input<2>, weir::dense<33>, weir::dense<2>> net;
  check_batches<net, cross_entropy>({2, {{kind::dense, 33}, {kind::dense, 2}}, ce});
}

TEST_CASE("a batch is the sum of its samples, however it is cut") {
  typedef weir::sequential<weir::input<6>, weir::dense<5>, weir::tanh, weir::dense<3>> net;
  const problem<net, 4> whole(3);
  float norm2 = 0;
  const std::vector<float> all = analytic<net, cross_entropy, 4>(whole, norm2);
  std::vector<float> sum(net::parameters(), 0.0f);
  for (size_t b = 0; b < 4; ++b) {
    problem<net, 1> one(3);
    one.w = whole.w;
    one.x.assign(whole.x.begin() + static_cast<std::ptrdiff_t>(b * 6),
                 whole.x.begin() + static_cast<std::ptrdiff_t>(b * 6 + 6));
    one.labels[0] = whole.labels[b];
    const std::vector<float> g = analytic<net, cross_entropy, 1>(one, norm2);
    for (size_t i = 0; i < g.size(); ++i) sum[i] += g[i];
  }
  for (size_t i = 0; i < sum.size(); ++i) CHECK(sum[i] == doctest::Approx(static_cast<double>(all[i])).epsilon(1e-5));
}

namespace {

/// The fixed-point gradient beside the float one at the same weights and inputs: the largest difference.
template <class Net, class Loss, class A, index_t B>
float fixed_against_float(uint32_t seed) {
  const problem<Net, B, A> p(seed);
  problem<Net, B> f(seed);
  for (size_t i = 0; i < p.w.size(); ++i) f.w[i] = weir::to_float(p.w[i]);
  for (size_t i = 0; i < p.x.size(); ++i) f.x[i] = weir::to_float(p.x[i]);
  float norm2 = 0;
  const std::vector<float> want = analytic<Net, Loss, B>(f, norm2);

  static typename Net::template full_workspace<A, B> space;
  const A* const y = Net::template forward<B>(p.w.data(), p.x.data(), space.cells);
  for (size_t b = 0; b < B; ++b)
    Loss::gradient(y + b * Net::outputs(), Net::outputs(), p.labels[b], space.delta() + b * Net::outputs());
  Net::template backward<B>(p.w.data(), p.x.data(), space);
  gradient_buffer got(Net::parameters());
  Net::template gradient<B>(p.x.data(), space, got);
  float worst = 0;
  double length2 = 0;
  for (size_t i = 0; i < want.size(); ++i) {
    worst = std::fmax(worst, std::fabs(got.g[i] - want[i]));
    length2 += static_cast<double>(got.g[i]) * static_cast<double>(got.g[i]);
  }
  CHECK(static_cast<double>(Net::template gradient_norm2<B>(p.x.data(), space)) ==
        doctest::Approx(length2).epsilon(1e-4));
  return worst;
}

}  // namespace

TEST_CASE("the fixed-point gradient is close to the float one") {
  typedef weir::fixed16<12> q;
  typedef weir::sequential<weir::input<17>, weir::dense<9>, weir::relu, weir::dense<6>> with_relu;
  typedef weir::sequential<weir::input<17>, weir::dense<9>, weir::tanh, weir::dense<6>> with_tanh;
  typedef weir::sequential<weir::input<17>, weir::dense<9>, weir::sigmoid, weir::dense<6>> with_sigmoid;
  for (uint32_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    CHECK(fixed_against_float<with_relu, cross_entropy, q, 1>(seed) < 3e-3f);  // 12 units of 2^-12
    CHECK(fixed_against_float<with_tanh, cross_entropy, q, 1>(seed) < 3e-3f);
    CHECK(fixed_against_float<with_sigmoid, cross_entropy, q, 3>(seed) < 3e-3f);
  }
}
