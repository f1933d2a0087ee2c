// SPDX-License-Identifier: MIT
#include "support/reference_model.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>
#include <weir/nn/binary_cross_entropy.hpp>
#include <weir/nn/hinge.hpp>
#include <weir/nn/huber.hpp>
#include <weir/nn/mean_absolute_error.hpp>
#include <weir/nn/mean_squared_error.hpp>
#include <weir/nn/multiclass_hinge.hpp>
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

namespace {

using test_support::loss_kind;

index_t target_of(index_t label, const float*, index_t) { return label; }
const float* target_of(index_t, const float* wanted, const float*) { return wanted; }

/// Value and gradient against the reference and its numerical gradient.
template <class Loss>
void check_loss(loss_kind kind, index_t n) {
  for (uint32_t seed = 1; seed <= 50; ++seed) {
    CAPTURE(seed);
    std::mt19937 rng{seed};
    const auto unit = [&] { return static_cast<float>(rng() >> 8) / 16777216.0f; };
    std::vector<float> y(n), wanted(n), dy(n, 9.0f);
    for (float& v : y) v = 4 * unit() - 2;
    for (float& v : wanted) v = unit();
    const index_t label = static_cast<index_t>(rng() % n);
    const test_support::reference_model model{n, {}, kind};
    const std::vector<double> t(wanted.begin(), wanted.end());
    const auto loss = [&](const std::vector<double>& at) { return model.value(at, label, t.data()); };
    const std::vector<double> at(y.begin(), y.end());
    const auto target = target_of(label, wanted.data(), typename Loss::template target<float>());
    CHECK(static_cast<double>(Loss::value(y.data(), n, target)) == doctest::Approx(loss(at)).epsilon(1e-5));
    Loss::gradient(y.data(), n, target, dy.data());
    const std::vector<double> numerical = test_support::numerical_gradient(at, loss);
    for (index_t i = 0; i < n; ++i) CHECK(std::fabs(static_cast<double>(dy[i]) - numerical[i]) < 1e-6);
  }
}

/// The largest error of a fixed-point gradient beside the float one at the same outputs, in units of Fixed.
template <class Loss, class Fixed>
double fixed_error(uint32_t seed, index_t n) {
  std::mt19937 rng{seed};
  const auto unit = [&] { return static_cast<float>(rng() >> 8) / 16777216.0f; };
  std::vector<Fixed> y(n), wanted(n), dy(n);
  std::vector<float> wide(n), wide_wanted(n), wide_dy(n);
  for (index_t i = 0; i < n; ++i) {
    y[i] = Fixed(4 * unit() - 2);
    wanted[i] = Fixed(unit());
    wide[i] = weir::to_float(y[i]);
    wide_wanted[i] = weir::to_float(wanted[i]);
  }
  Loss::gradient(y.data(), n, static_cast<const Fixed*>(wanted.data()), dy.data());
  Loss::gradient(wide.data(), n, static_cast<const float*>(wide_wanted.data()), wide_dy.data());
  double worst = 0;
  for (index_t i = 0; i < n; ++i)
    worst = std::fmax(worst, std::fabs(dy[i].raw - static_cast<double>(wide_dy[i] * Fixed::one())));
  return worst;
}

}  // namespace

TEST_CASE("losses against their definitions in double, and numerical gradients") {
  for (const index_t n : {1, 2, 7}) {
    check_loss<weir::binary_cross_entropy>(loss_kind::binary, n);
    check_loss<weir::mean_absolute_error>(loss_kind::absolute, n);
    check_loss<weir::huber<1, 2>>(loss_kind::huber, n);
    if (n > 1) check_loss<weir::multiclass_hinge>(loss_kind::multiclass, n);
  }
}

TEST_CASE("fixed-point gradients of losses of wanted outputs are the nearest to the float ones") {
  for (uint32_t seed = 1; seed <= 100; ++seed)
    for (const index_t n : {1, 3, 10}) {
      CAPTURE(seed);
      CAPTURE(n);
      CHECK(fixed_error<weir::binary_cross_entropy, fixed16<12>>(seed, n) < 1.5);  // sigmoid is off by a unit, too
      CHECK(fixed_error<weir::binary_cross_entropy, fixed8<5>>(seed, n) < 1.1);
      CHECK(fixed_error<weir::mean_absolute_error, fixed16<12>>(seed, n) <= 0.51);
      CHECK(fixed_error<weir::mean_absolute_error, fixed8<5>>(seed, n) <= 0.51);
      CHECK(fixed_error<weir::huber<>, fixed16<12>>(seed, n) <= 0.51);
      CHECK(fixed_error<weir::huber<3, 4>, fixed8<5>>(seed, n) <= 0.51);
    }
}

TEST_CASE("binary cross-entropy: by hand, far out, and hits") {
  const float y[2] = {0.0f, 100.0f}, wanted[2] = {1.0f, 0.0f};
  float dy[2];
  CHECK(weir::binary_cross_entropy::value(y, 2, wanted) == doctest::Approx((std::log(2.0) + 100) / 2));
  weir::binary_cross_entropy::gradient(y, 2, wanted, dy);
  CHECK(dy[0] == -0.25f);
  CHECK(dy[1] == 0.5f);
  const float sides[3] = {2.0f, -1.0f, 0.5f}, all[3] = {1.0f, 0.0f, 0.5f}, one_wrong[3] = {1.0f, 0.0f, 0.25f};
  CHECK(weir::binary_cross_entropy::hit(sides, 3, all));
  CHECK_FALSE(weir::binary_cross_entropy::hit(sides, 3, one_wrong));
  const float on_the_line[1] = {0.0f}, no[1] = {0.0f}, yes[1] = {1.0f};
  CHECK(weir::binary_cross_entropy::hit(on_the_line, 1, no));
  CHECK_FALSE(weir::binary_cross_entropy::hit(on_the_line, 1, yes));

  typedef fixed16<12> q;
  const q qy[2] = {q(0.0f), q(7.0f)}, qw[2] = {q(1.0f), q(0.0f)};
  q qd[2];
  weir::binary_cross_entropy::gradient(qy, 2, qw, qd);
  CHECK(qd[0].raw == -1024);
  CHECK(qd[1].raw == 2046);  // 0.99909 / 2
  CHECK_FALSE(weir::binary_cross_entropy::hit(qy, 2, qw));
}

TEST_CASE("mean absolute error and huber: by hand, float and fixed") {
  const float y[3] = {1.0f, -2.0f, 0.5f}, wanted[3] = {0.5f, 1.0f, 0.5f};
  float dy[3];
  CHECK(weir::mean_absolute_error::value(y, 2, wanted) == 1.75f);
  weir::mean_absolute_error::gradient(y, 3, wanted, dy);
  CHECK(dy[0] == doctest::Approx(1.0 / 3));
  CHECK(dy[1] == doctest::Approx(-1.0 / 3));
  CHECK(dy[2] == 0);
  CHECK_FALSE(weir::mean_absolute_error::hit(y, 2, wanted));
  CHECK(weir::mean_absolute_error::hit(wanted, 2, wanted));
  CHECK(weir::huber<>::value(y, 2, wanted) == (0.125f + 2.5f) / 2);
  weir::huber<>::gradient(y, 2, wanted, dy);
  CHECK(dy[0] == 0.25f);
  CHECK(dy[1] == -0.5f);
  CHECK_FALSE(weir::huber<>::hit(y, 2, wanted));

  typedef fixed16<12> q;
  const q most[1] = {q::from_raw(32767)}, least[1] = {q::from_raw(-32767)};
  q qd[1];
  weir::mean_absolute_error::gradient(most, 1, least, qd);
  CHECK(qd[0].raw == 4096);
  weir::huber<100>::gradient(most, 1, least, qd);
  CHECK(qd[0].raw == 32767);  // delta is beyond the format: it saturates
  weir::huber<2>::gradient(least, 1, most, qd);
  CHECK(qd[0].raw == -8192);
}

TEST_CASE("multiclass hinge: by hand, with one output, and with a label that is not there") {
  const float y[3] = {0.5f, 2.0f, 1.5f};
  float dy[3];
  CHECK(weir::multiclass_hinge::value(y, 3, 0) == 2.5f);
  weir::multiclass_hinge::gradient(y, 3, 0, dy);
  CHECK(dy[0] == -1.0f);
  CHECK(dy[1] == 1.0f);
  CHECK(dy[2] == 0.0f);
  CHECK(weir::multiclass_hinge::value(y, 3, 1) == 0.5f);  // right, but not by 1
  weir::multiclass_hinge::gradient(y, 3, 1, dy);
  CHECK(dy[1] == -1.0f);
  CHECK(dy[2] == 1.0f);
  const float clear[3] = {0.5f, 3.0f, 2.0f};
  CHECK(weir::multiclass_hinge::value(clear, 3, 1) == 0);
  weir::multiclass_hinge::gradient(clear, 3, 1, dy);
  for (const float d : dy) CHECK(d == 0);
  CHECK(weir::multiclass_hinge::hit(y, 3, 1));
  CHECK_FALSE(weir::multiclass_hinge::hit(y, 3, 2));

  CHECK(std::isinf(weir::multiclass_hinge::value(y, 3, 3)));
  weir::multiclass_hinge::gradient(y, 3, 3, dy);
  for (const float d : dy) CHECK(d == 0);
  CHECK_FALSE(weir::multiclass_hinge::hit(y, 3, 3));

  const float one[1] = {0.25f};
  CHECK(weir::multiclass_hinge::value(one, 1, 1) == 0.75f);
  CHECK(weir::multiclass_hinge::value(one, 1, 0) == 1.25f);
  CHECK(weir::multiclass_hinge::hit(one, 1, 1));
  weir::multiclass_hinge::gradient(one, 1, 0, dy);
  CHECK(dy[0] == 1.0f);

  typedef fixed16<12> q;
  const q qy[3] = {q(0.5f), q(2.0f), q(1.5f)};
  q qd[3];
  weir::multiclass_hinge::gradient(qy, 3, 1, qd);
  CHECK(qd[0].raw == 0);
  CHECK(qd[1].raw == -4096);
  CHECK(qd[2].raw == 4096);
}
