// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <vector>
#include <weir/nn/hinge.hpp>
#include <weir/nn/mean_squared_error.hpp>
#include <weir/nn/softmax_cross_entropy.hpp>

using weir::fixed16;
using weir::fixed8;
using weir::index_t;

namespace {

/// The largest difference between the fixed-point softmax gradient and the exact one, in units of Fixed.
template <class Fixed>
double softmax_error(uint32_t seed, index_t n, int32_t most) {
  std::mt19937 rng{seed};
  std::vector<Fixed> y(n), dy(n);
  for (Fixed& v : y) {
    const int32_t raw = static_cast<int32_t>(rng() % (2 * static_cast<uint32_t>(most) + 1)) - most;
    v = Fixed::from_raw(static_cast<typename Fixed::rep>(raw));
  }
  const index_t label = static_cast<index_t>(rng() % n);
  weir::softmax_cross_entropy::gradient(y.data(), n, label, dy.data());
  double sum = 0, worst = 0;
  for (const Fixed& v : y) sum += std::exp(static_cast<double>(weir::to_float(v)));
  const double one = static_cast<double>(Fixed::one());
  for (index_t i = 0; i < n; ++i) {
    double exact = (std::exp(static_cast<double>(weir::to_float(y[i]))) / sum - (i == label ? 1 : 0)) * one;
    const double range = weir::raw_range<typename Fixed::rep>::highest();
    exact = exact < -range ? -range : exact > range ? range : exact;
    worst = std::fmax(worst, std::fabs(dy[i].raw - exact));
  }
  return worst;
}

}  // namespace

TEST_CASE("softmax cross-entropy: values by hand") {
  const float y[3] = {0.0f, 0.0f, 0.0f};
  float dy[3];
  CHECK(weir::softmax_cross_entropy::value(y, 3, 1) == doctest::Approx(std::log(3.0)));
  weir::softmax_cross_entropy::gradient(y, 3, 1, dy);
  CHECK(dy[0] == doctest::Approx(1.0 / 3));
  CHECK(dy[1] == doctest::Approx(-2.0 / 3));
  CHECK(dy[2] == doctest::Approx(1.0 / 3));

  const float large[2] = {1000.0f, 990.0f};  // no overflow
  CHECK(weir::softmax_cross_entropy::value(large, 2, 1) == doctest::Approx(10.0000454));
  weir::softmax_cross_entropy::gradient(large, 2, 0, dy);
  CHECK(std::fabs(dy[0] + dy[1]) < 1e-6f);
  CHECK(weir::softmax_cross_entropy::hit(large, 2, 0));
  CHECK_FALSE(weir::softmax_cross_entropy::hit(large, 2, 1));
}

TEST_CASE("softmax cross-entropy: a class that is not there has probability 0 and no hit") {
  const float y[2] = {1.0f, 2.0f};
  float dy[2];
  CHECK(std::isinf(weir::softmax_cross_entropy::value(y, 2, 2)));
  CHECK_FALSE(weir::softmax_cross_entropy::hit(y, 2, 2));
  weir::softmax_cross_entropy::gradient(y, 2, 2, dy);
  CHECK(dy[0] + dy[1] == doctest::Approx(1.0));
}

TEST_CASE("fixed-point softmax is within two units of the exact one in 16 bits, within one in 8") {
  for (uint32_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    CHECK(softmax_error<fixed16<12>>(seed, 10, 32767) < 2.0);
    CHECK(softmax_error<fixed16<12>>(seed, 10, 4096) < 2.0);
    CHECK(softmax_error<fixed16<8>>(seed, 26, 2000) < 1.0);
    CHECK(softmax_error<fixed8<4>>(seed, 10, 127) < 1.0);
    CHECK(softmax_error<fixed8<7>>(seed, 2, 127) < 1.0);
  }
}

TEST_CASE("fixed-point softmax: golden integers, the same on every machine") {
  typedef fixed16<12> q;
  const q y[4] = {q(1.0f), q(0.0f), q(-2.0f), q(1.0f)};
  q dy[4];
  weir::softmax_cross_entropy::gradient(y, 4, 0, dy);
  // exp(0), exp(-1), exp(-3), exp(0) are 1, .367879, .049787, 1: sum 2.417666
  const int16_t expected[4] = {-2402, 623, 84, 1694};
  for (int i = 0; i < 4; ++i) CHECK(dy[i].raw == expected[i]);
}

TEST_CASE("mean squared error: by hand, float and fixed") {
  const float y[2] = {1.0f, -2.0f}, wanted[2] = {0.5f, 1.0f};
  float dy[2];
  CHECK(weir::mean_squared_error::value(y, 2, wanted) == 4.625f);  // (0.25 + 9) / 2
  weir::mean_squared_error::gradient(y, 2, wanted, dy);
  CHECK(dy[0] == 0.5f);
  CHECK(dy[1] == -3.0f);
  CHECK_FALSE(weir::mean_squared_error::hit(y, 2, wanted));
  CHECK(weir::mean_squared_error::hit(wanted, 2, wanted));

  typedef fixed16<12> q;
  const q qy[2] = {q(1.0f), q(-2.0f)}, qw[2] = {q(0.5f), q(1.0f)};
  q qd[2];
  weir::mean_squared_error::gradient(qy, 2, qw, qd);
  CHECK(weir::to_float(qd[0]) == 0.5f);
  CHECK(weir::to_float(qd[1]) == -3.0f);
  const q most[1] = {q::from_raw(32767)}, least[1] = {q::from_raw(-32767)};
  weir::mean_squared_error::gradient(most, 1, least, qd);
  CHECK(qd[0].raw == 32767);  // saturates
}

TEST_CASE("hinge: by hand, one against all and with a single output, float and fixed") {
  const float y[3] = {0.5f, 2.0f, -1.5f};
  float dy[3];
  CHECK(weir::hinge::value(y, 3, 0) == 0.5f + 3.0f + 0.0f);
  weir::hinge::gradient(y, 3, 0, dy);
  CHECK(dy[0] == -1.0f);
  CHECK(dy[1] == 1.0f);
  CHECK(dy[2] == 0.0f);
  CHECK(weir::hinge::hit(y, 3, 1));
  CHECK_FALSE(weir::hinge::hit(y, 3, 0));

  const float one[1] = {0.25f};
  CHECK(weir::hinge::value(one, 1, 1) == 0.75f);
  CHECK(weir::hinge::value(one, 1, 0) == 1.25f);
  CHECK(weir::hinge::hit(one, 1, 1));
  CHECK_FALSE(weir::hinge::hit(one, 1, 0));
  weir::hinge::gradient(one, 1, 0, dy);
  CHECK(dy[0] == 1.0f);

  typedef fixed16<12> q;
  const q qy[3] = {q(0.5f), q(2.0f), q(-1.5f)};
  q qd[3];
  weir::hinge::gradient(qy, 3, 0, qd);
  CHECK(qd[0].raw == -4096);
  CHECK(qd[1].raw == 4096);
  CHECK(qd[2].raw == 0);
}
