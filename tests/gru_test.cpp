// SPDX-License-Identifier: MIT
// GRU: equations, gradients, states that are carried on, fixed point.
#include "support/check_recurrent.hpp"

#include <weir/nn/gru.hpp>

using namespace test_support;
using weir::shape;

namespace {

struct family {
  static recurrent_kind kind() { return recurrent_kind::gru; }
  template <weir::index_t H, class Returns, class Starts>
  using layer = weir::gru<H, Returns, Starts>;
};

}  // namespace

TEST_CASE("gru: the equations, with PyTorch's weights") {
  for (uint32_t seed = 1; seed <= 5; ++seed) {
    check_equations<family, 1, 1, 1, 1>(seed);
    check_equations<family, 9, 3, 4, 1>(seed);
    check_equations<family, 6, 5, 7, 2>(seed);
    check_equations<family, 4, 17, 16, 3>(seed);
    check_equations<family, 5, 2, 21, 5>(seed);
  }
}

TEST_CASE("gru: gradients") {
  check_gradients<family, last_output>();
  check_gradients<family, all_outputs>();
}

TEST_CASE("gru: products into cells") {
  check_cells<family, last_output, starts_anew, 4, 3>();
  check_cells<family, last_output, carries_on, 1, 2>();
  check_cells<family, all_outputs, starts_anew, 4, 1>();
  check_cells<family, all_outputs, carries_on, 3, 5>();
}

TEST_CASE("gru: states are carried on") {
  check_carrying<family, 1>();
  check_carrying<family, 3>();
  check_carried_gradient<family, last_output, 3, 1>();
  check_carried_gradient<family, all_outputs, 3, 2>();
  check_carried_gradient<family, last_output, 1, 2>();
  check_carried_gradient<family, all_outputs, 2, 4>();
}

TEST_CASE("gru: in a model, by both plans") {
  typedef weir::sequential<weir::input<6, 3>, weir::gru<5, all_outputs>, weir::gru<4>, weir::dense<3>> net;
  static_assert(net::parameters() == (15 * 9 + 5) + (12 * 10 + 4) + 15, "W, U, b, c; twice; and dense");
  learn_twice<net, weir::softmax_cross_entropy, 1>();
  learn_twice<net, weir::softmax_cross_entropy, 4>();
  learn_twice<net, weir::softmax_cross_entropy, 1, weir::fixed16<12>>();
  learn_twice<net, weir::softmax_cross_entropy, 3, weir::fixed16<12>>();
}

TEST_CASE("gru: step by step, the same bits") {
  typedef weir::sequential<weir::input<7, 3>, weir::gru<5, all_outputs>, weir::gru<18>, weir::dense<3>> net;
  typedef weir::sequential<weir::input<4, 9>, weir::gru<6, all_outputs>> bare;
  typedef weir::sequential<weir::input<4, 9>, weir::gru<6>> last;
  for (uint32_t seed = 1; seed <= 3; ++seed) {
    check_stepper<net, float>(seed);
    check_stepper<bare, float>(seed);
    check_stepper<last, float>(seed);
    check_stepper<net, weir::fixed16<12>>(seed);
    check_stepper<net, weir::fixed16<12>, weir::fixed8<7>>(seed);
  }
  static_assert(sizeof(weir::stepper<net>) == sizeof(float) * (5 + 18 + 4 * 18), "two states and the longest row");
}

TEST_CASE("gru: memory") {
  typedef weir::gru<32>::on<shape<64, 9>> last;
  typedef weir::gru<32, all_outputs>::on<shape<64, 9>> all;
  static_assert(last::kept<float>(1) == 64 * 5 * 32, "four rows for each step, and the state before it");
  static_assert(all::kept<float>(1) == 64 * 4 * 32, "the states are in the outputs");
  static_assert(last::scratch<weir::fixed16<12>>(1) == 6 * 32, "");
  static_assert(last::carried<float>(2) == 0, "");
  static_assert(weir::gru<32, last_output, carries_on>::on<shape<64, 9>>::carried<float>(2) == 64, "");
}

TEST_CASE("gru: fixed point is close to float") {
  typedef weir::fixed16<12> q;
  for (uint32_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    // A step rounds each output three times, by half a unit; z < 1 forgets what earlier steps did. Gradients are sums of
    // products that are rounded so, over ten steps and up to three samples.
    const distance one = fixed_against_float<weir::gru<8>, shape<10, 6>, 1, q>(seed);
    CHECK(one.output <= 3.0f / 4096);
    CHECK(one.gradient <= 8.0f / 4096);
    const distance three = fixed_against_float<weir::gru<8, all_outputs>, shape<10, 6>, 3, q>(seed);
    CHECK(three.output <= 3.0f / 4096);
    CHECK(three.gradient <= 12.0f / 4096);
  }
}

TEST_CASE("gru: fixed point saturates, and gives the same bits everywhere") {
  check_saturating<family, weir::fixed16<12>>();
  check_saturating<family, weir::fixed16<15>>();
  check_saturating<family, weir::fixed8<5>>();
  CHECK(hash_of_fixed<weir::gru<5>>() == 2666186488);
}

TEST_CASE("gru: initial weights") {
  typedef weir::gru<16>::on<shape<8, 8>> on;
  std::vector<float> w(on::parameters(), 7.0f);
  weir::random_bits random(1);
  on::initialize(w.data(), random);
  const auto most = [&](size_t from, size_t n) {
    float m = 0;
    for (size_t i = from; i < from + n; ++i) m = std::fmax(m, std::fabs(w[i]));
    return m;
  };
  CHECK(most(0, 48 * 8) <= 0.5f);  // sqrt(6 / (8 + 16))
  CHECK(most(0, 48 * 8) > 0.49f);
  CHECK(most(48 * 8, 48 * 16) <= 0.25f);  // 1 / sqrt(16)
  CHECK(most(48 * 8, 48 * 16) > 0.245f);
  CHECK(most(48 * 24, 48 + 16) == 0.0f);
}
