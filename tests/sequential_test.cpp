// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <vector>
#include <weir/nn/activation.hpp>
#include <weir/nn/dense.hpp>
#include <weir/nn/init.hpp>
#include <weir/nn/sequential.hpp>
#include <weir/nn/softmax_cross_entropy.hpp>

using weir::dense;
using weir::input;
using weir::sequential;

namespace {

typedef sequential<input<64>, dense<16>, weir::relu, dense<10>> digits;
typedef weir::fixed16<12> q;

template <class Net, class A>
std::vector<A> initial(uint32_t seed) {
  std::vector<A> w(Net::parameters());
  Net::initialize(w.data(), seed);
  return w;
}

}  // namespace

TEST_CASE("what the compiler knows of a model") {
  static_assert(digits::inputs() == 64 && digits::outputs() == 10, "");
  static_assert(digits::parameters() == 65 * 16 + 17 * 10, "1,210 weights");
  static_assert(digits::elements() == 16 + 10, "relu works in place");
  static_assert(sizeof(digits::workspace<q, 1>) == (26 + 10 + 16) * sizeof(q), "activations and two deltas");
  static_assert(sizeof(digits::full_workspace<q, 1>) == 2 * 26 * sizeof(q), "activations and all deltas");
  static_assert(sizeof(digits::workspace<float, 4>) == 52 * 4 * sizeof(float), "");
  static_assert(weir::is_same<digits::output_shape, weir::shape<10>>::value, "");
  static_assert(weir::shape<2, 3, 4>::size() == 24 && weir::shape<2, 3, 4>::rank() == 3, "");
  static_assert(weir::shape<>::size() == 1 && weir::shape<>::rank() == 0, "");
}

TEST_CASE("a fingerprint is a constant that tells models apart") {
  typedef sequential<input<64>, dense<16>, weir::tanh, dense<10>> other_activation;
  typedef sequential<input<64>, dense<17>, weir::relu, dense<10>> other_width;
  typedef sequential<input<8, 8>, weir::relu> flat_or_not;
  typedef sequential<input<64>, weir::relu> flat;
  typedef sequential<input<64>, dense<16>, weir::leaky_relu<7>, dense<10>> leaky7;
  typedef sequential<input<64>, dense<16>, weir::leaky_relu<6>, dense<10>> leaky6;
  static_assert(digits::fingerprint() != other_activation::fingerprint(), "");
  static_assert(digits::fingerprint() != other_width::fingerprint(), "");
  static_assert(flat_or_not::fingerprint() != flat::fingerprint(), "");
  static_assert(leaky7::fingerprint() != leaky6::fingerprint(), "");
  CHECK(digits::fingerprint() == weir::sequential<input<64>, dense<16>, weir::relu, dense<10>>::fingerprint());
}

TEST_CASE("the bounds of initial weights are integers that the compiler computes") {
  static_assert(weir::he_uniform::bound(64, 16) == 5016, "sqrt(6 / 64) * 2^14 = 5016.6");
  static_assert(weir::he_uniform::bound(1, 1) == 40132, "");
  static_assert(weir::he_uniform::bound(3, 2) == 23170, "");
  static_assert(weir::xavier_uniform::bound(64, 10) == 4665, "sqrt(6 / 74) * 2^14 = 4665.3");
  static_assert(weir::detail::integer_sqrt(0) == 0 && weir::detail::integer_sqrt(15) == 3, "");
  static_assert(weir::detail::integer_sqrt(16) == 4 && weir::detail::integer_sqrt(UINT64_C(1) << 60) == 1u << 30, "");
}

TEST_CASE("one seed, the same bits everywhere: golden weights, float, 16 and 8 bits") {
  typedef sequential<input<3>, dense<2>> net;                                          // 6 weights, 2 biases
  const int32_t units[6] = {5681899, -3851469, -3240541, -3173022, 425929, -5781820};  // of 2^-22
  const std::vector<float> w = initial<net, float>(1);
  const std::vector<q> w16 = initial<net, q>(1);
  const std::vector<weir::fixed8<6>> w8 = initial<net, weir::fixed8<6>>(1);
  const int16_t raw16[6] = {5549, -3761, -3165, -3099, 416, -5646};
  const int8_t raw8[6] = {87, -59, -49, -48, 6, -88};
  for (size_t i = 0; i < 6; ++i) {
    CHECK(w[i] * 4194304.0f == static_cast<float>(units[i]));
    CHECK(w16[i].raw == raw16[i]);
    CHECK(w8[i].raw == raw8[i]);
  }
  for (size_t i = 6; i < 8; ++i) {
    CHECK(w[i] == 0.0f);
    CHECK(w16[i].raw == 0);
  }
}

TEST_CASE("initial weights fill their range evenly, and seeds differ") {
  const std::vector<float> w = initial<digits, float>(7);
  const float bound = std::sqrt(6.0f / 64);
  double sum = 0, squares = 0;
  float most = 0;
  for (size_t i = 0; i < 64 * 16; ++i) {
    sum += static_cast<double>(w[i]);
    squares += static_cast<double>(w[i]) * static_cast<double>(w[i]);
    most = std::fmax(most, std::fabs(w[i]));
  }
  CHECK(most <= bound);
  CHECK(most > 0.98f * bound);
  CHECK(std::fabs(sum / 1024) < 0.02);                              // three standard errors: 0.0166
  CHECK(squares / 1024 == doctest::Approx(2.0 / 64).epsilon(0.1));  // bound^2 / 3
  CHECK(w == initial<digits, float>(7));
  CHECK(w != initial<digits, float>(8));
}

TEST_CASE("forward by hand: W row by row, then b; relu in place; a batch is samples one after the other") {
  typedef sequential<input<2>, dense<2>, weir::relu, dense<1>> net;
  const float w[] = {1, 2, -3, 4, 0.5f, -1, /* second layer */ 10, 100, 7};
  const float x[] = {1, 1, /* second sample */ 2, 0};
  float activations[net::elements(2)];
  const float* const y = net::forward<2>(w, x, activations);
  CHECK(y[0] == 10 * 3.5f + 100 * 0 + 7);  // 1 + 2 + .5; relu(-3 + 4 - 1)
  CHECK(y[1] == 10 * 2.5f + 7);            // 2 + .5; relu(-6 - 1)

  q qw[9], qx[4], qactivations[net::elements(2)];
  for (int i = 0; i < 9; ++i) qw[i] = q(w[i] / 128);
  for (int i = 0; i < 4; ++i) qx[i] = q(x[i]);
  const q* const qy = net::forward<2>(qw, qx, qactivations);
  // In units of 2^-12: hidden 112, then 320 * 112 / 4096 = 8.75 -> 9, + 224.
  CHECK(qy[0].raw == 233);
  CHECK(qy[1].raw == 230);  // hidden 80: 6.25, + 224
}

TEST_CASE("predictions: the largest output, in float and in fixed point alike") {
  const std::vector<float> w = initial<digits, float>(3);
  const std::vector<q> w16 = initial<digits, q>(3);
  std::vector<float> x(64), a(digits::elements());
  std::vector<q> x16(64), a16(digits::elements());
  weir::random_bits random(4);
  uint32_t same = 0;
  for (int sample = 0; sample < 200; ++sample) {
    for (size_t i = 0; i < 64; ++i) x[i] = random.unit(), x16[i] = q(x[i]);
    const float* const y = digits::forward<1>(w.data(), x.data(), a.data());
    const q* const y16 = digits::forward<1>(w16.data(), x16.data(), a16.data());
    for (size_t i = 0; i < 10; ++i) CHECK(std::fabs(y[i] - weir::to_float(y16[i])) < 0.01f);
    const weir::index_t best = weir::kernel::largest(y, 10);
    CHECK(weir::softmax_cross_entropy::hit(y, 10, best));
    same += weir::kernel::largest(y16, 10) == best;
  }
  CHECK(same >= 195);
}
