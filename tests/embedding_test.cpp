// SPDX-License-Identifier: MIT
#include "support/both_plans.hpp"
#include "support/check_layer.hpp"

#include <cmath>
#include <weir/learner.hpp>
#include <weir/nn/activation.hpp>
#include <weir/nn/embedding.hpp>
#include <weir/nn/layer_norm.hpp>
#include <weir/nn/recomputed.hpp>
#include <weir/nn/skip.hpp>
#include <weir/nn/softmax_cross_entropy.hpp>
#include <weir/optimizer/sgd.hpp>
#include <weir/threshold/always.hpp>

using namespace test_support;
using weir::embedding;
using weir::index_t;
using weir::input;
using weir::sequential;
using weir::shape;

namespace {

typedef embedding<5, 3>::on<shape<4>> layer;
static_assert(weir::is_same<layer::output, shape<4, 3>>::value && layer::parameters() == 15, "");

/// Output and gradient for these indices, given as X: two samples of four.
template <class A, class X>
void check_lookup(const X (&x)[8], const int (&meant)[8]) {
  std::vector<A> w(15), y(24, A(9.0f)), dy(24);
  for (size_t i = 0; i < 15; ++i) w[i] = A(0.125f * static_cast<float>(i));
  for (size_t i = 0; i < 24; ++i) dy[i] = A(0.0625f * static_cast<float>(i) - 0.5f);
  const weir::layer_memory<A> none = {nullptr, nullptr, nullptr, nullptr, 0};
  layer::forward<2>(static_cast<const A*>(w.data()), x, y.data(), none);
  gradient_buffer sink(15), want(15);
  layer::gradient<2>(x, static_cast<const A*>(y.data()), none, static_cast<const A*>(dy.data()), sink, 0);
  float norm2 = 0;
  for (size_t i = 0; i < 8; ++i)
    for (size_t s = 0; s < 3; ++s) {
      const bool there = meant[i] >= 0;
      const size_t at = 3 * static_cast<size_t>(there ? meant[i] : 0) + s;
      CHECK(y[3 * i + s] == (there ? w[at] : A(0.0f)));
      if (there) want.g[at] += weir::to_float(dy[3 * i + s]);
    }
  CHECK(sink.g == want.g);
  for (const float g : want.g) norm2 += g * g;
  const float got = layer::gradient_norm2<2>(x, none, static_cast<const A*>(dy.data()));
  CHECK(got == doctest::Approx(norm2));
}

}  // namespace

TEST_CASE("an index gives its row, and its row gets the gradient; other indices give zeros and none") {
  const int meant[8] = {0, 4, 4, 2, -1, 3, 4, -1};
  const uint8_t bytes[8] = {0, 4, 4, 2, 5, 3, 4, 255};
  const uint16_t words[8] = {0, 4, 4, 2, 5, 3, 4, 65535};
  const int16_t with_sign[8] = {0, 4, 4, 2, -1, 3, 4, -32768};
  const float floats[8] = {0.0f, 4.0f, 4.9f, 2.0f, -0.5f, 3.0f, 4.0f, 5.0f};
  const float strange[8] = {0.0f, 4.0f, 4.9f, 2.0f, NAN, 3.0f, 4.0f, INFINITY};
  typedef weir::fixed16<8> q;
  const q numbers[8] = {q(0.0f), q(4.0f), q(4.9f), q(2.0f), q(-0.5f), q(3.0f), q(4.0f), q(127.0f)};
  check_lookup<float>(bytes, meant);
  check_lookup<float>(words, meant);
  check_lookup<float>(with_sign, meant);
  check_lookup<float>(floats, meant);
  check_lookup<float>(strange, meant);
  check_lookup<q>(bytes, meant);
  check_lookup<q>(numbers, meant);
}

TEST_CASE("rows begin with a variance of 1, from the seed") {
  typedef sequential<input<4>, embedding<100, 20>> net;
  std::vector<float> w(net::parameters()), other(net::parameters());
  net::initialize(w.data(), 3);
  net::initialize(other.data(), 4);
  double mean = 0, square = 0;
  for (const float v : w) {
    mean += static_cast<double>(v) / 2000;
    square += static_cast<double>(v) * static_cast<double>(v) / 2000;
  }
  CHECK(std::fabs(mean) < 0.08);
  CHECK(square == doctest::Approx(1).epsilon(0.05));
  CHECK(w != other);
}

TEST_CASE("in front of a model: indices of bytes, both plans") {
  typedef sequential<input<4>, embedding<5, 3>, weir::layer_norm<>, weir::skip<weir::sigmoid>, weir::tanh> net;
  const uint8_t x[12] = {0, 4, 4, 2, 5, 3, 4, 255, 1, 1, 1, 1};
  for (uint32_t seed = 1; seed <= 5; ++seed) {
    both_plans<net, 3, float>(seed, x);
    both_plans<net, 1, float>(seed, x);
  }
  typedef sequential<input<4>, embedding<5, 3>, weir::recomputed<weir::skip<weir::relu>>> small;
  both_plans<small, 3, weir::fixed16<12>>(1, x);
}

TEST_CASE("learns a table") {
  typedef sequential<input<1>, embedding<8, 3>> net;
  static weir::learner<float, net, weir::softmax_cross_entropy, weir::sgd, weir::always> device;
  device.begin(weir::sgd{0.5f}, weir::always{});
  for (int step = 0; step < 400; ++step) {
    const uint8_t x = static_cast<uint8_t>(step % 8);
    device.train(&x, static_cast<index_t>(x * x % 3));
  }
  for (uint8_t x = 0; x < 8; ++x) CHECK(device.predict(&x) == static_cast<index_t>(x * x % 3));
}
