// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cmath>
#include <initializer_list>
#include <weir/nn/activation.hpp>
#include <weir/nn/fixed_math.hpp>

namespace {

/// The largest error of F's values over all inputs, in units of the format.
template <class F, class Fixed>
double worst_error(double (*exact)(double)) {
  const int32_t most = weir::raw_range<typename Fixed::rep>::highest();
  const double one = static_cast<double>(Fixed::one());
  double worst = 0;
  for (int32_t raw = -most; raw <= most; ++raw) {
    const Fixed got = F::value(Fixed::from_raw(static_cast<typename Fixed::rep>(raw)));
    const double want = exact(raw / one) * one;
    worst = std::fmax(worst, std::fabs(got.raw - (want > most ? most : want < -most ? -most : want)));
  }
  return worst;
}

double logistic(double x) { return 1 / (1 + std::exp(-x)); }
double hyperbolic_tangent(double x) { return std::tanh(x); }

}  // namespace

TEST_CASE("exp_minus keeps its promise for every argument") {
  for (const int fraction : {0, 4, 7, 12, 15}) {
    CAPTURE(fraction);
    double worst = 0;  // share of what is allowed
    for (uint32_t t = 0; t < 0x10000; ++t) {
      const double exact = std::exp(-std::ldexp(t, -fraction)) * 32768;
      const double got = weir::detail::exp_minus(static_cast<uint16_t>(t), static_cast<uint8_t>(fraction));
      worst = std::fmax(worst, std::fabs(got - exact) / (0.5 + 2.2e-4 * exact));
    }
    CHECK(worst < 1.0);
  }
  CHECK(weir::detail::exp_minus(0, 12) == 32768);
  CHECK(weir::detail::exp_minus(4096, 12) == 12054);  // 32768 / e = 12054.7
  CHECK(weir::detail::exp_minus(65535, 0) == 0);
}

TEST_CASE("exp_minus never grows with its argument by more than its rounding") {
  for (const int fraction : {7, 12, 15})
    for (uint32_t t = 1; t < 0x10000; ++t)
      REQUIRE(weir::detail::exp_minus(static_cast<uint16_t>(t), static_cast<uint8_t>(fraction)) <=
              weir::detail::exp_minus(static_cast<uint16_t>(t - 1), static_cast<uint8_t>(fraction)) + 1);
}

TEST_CASE("sigmoid and tanh in fixed point, over all inputs: half a unit of rounding and what exp leaves") {
  CHECK(worst_error<weir::sigmoid, weir::fixed8<4>>(logistic) < 0.51);
  CHECK(worst_error<weir::sigmoid, weir::fixed8<7>>(logistic) < 0.52);
  CHECK(worst_error<weir::sigmoid, weir::fixed16<8>>(logistic) < 0.53);
  CHECK(worst_error<weir::sigmoid, weir::fixed16<12>>(logistic) < 1.0);
  CHECK(worst_error<weir::sigmoid, weir::fixed16<15>>(logistic) < 3.0);
  CHECK(worst_error<weir::tanh, weir::fixed8<4>>(hyperbolic_tangent) < 0.51);
  CHECK(worst_error<weir::tanh, weir::fixed8<7>>(hyperbolic_tangent) < 0.53);
  CHECK(worst_error<weir::tanh, weir::fixed16<8>>(hyperbolic_tangent) < 0.55);
  CHECK(worst_error<weir::tanh, weir::fixed16<12>>(hyperbolic_tangent) < 1.0);
  CHECK(worst_error<weir::tanh, weir::fixed16<15>>(hyperbolic_tangent) < 4.0);
}

TEST_CASE("tanh is odd and sigmoid is symmetric, to the unit") {
  typedef weir::fixed16<12> q;
  uint32_t wrong = 0;
  for (int32_t raw = 0; raw <= 32767; ++raw) {
    const q up = q::from_raw(static_cast<int16_t>(raw)), down = q::from_raw(static_cast<int16_t>(-raw));
    if (weir::tanh::value(up).raw != -weir::tanh::value(down).raw) ++wrong;
    const int32_t sum = weir::sigmoid::value(up).raw + weir::sigmoid::value(down).raw;
    if (sum < 4095 || sum > 4097) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("activations: golden integers") {
  typedef weir::fixed16<12> q;
  CHECK(weir::relu::value(q(-1.0f)).raw == 0);
  CHECK(weir::relu::value(q(1.5f)).raw == 6144);
  CHECK(weir::relu::backward(q(0.0f), q(2.0f)).raw == 0);
  CHECK(weir::relu::backward(q(0.5f), q(2.0f)).raw == 8192);
  CHECK(weir::leaky_relu<>::value(q(-1.0f)).raw == -32);
  CHECK(weir::leaky_relu<2>::value(q(-1.0f)).raw == -1024);
  CHECK(weir::leaky_relu<2>::backward(q(-1.0f), q(2.0f)).raw == 2048);
  CHECK(weir::sigmoid::value(q(0.0f)).raw == 2048);
  CHECK(weir::sigmoid::value(q(1.0f)).raw == 2994);   // 4096 * .731059 = 2994.4
  CHECK(weir::sigmoid::value(q(-1.0f)).raw == 1102);  // 1101.6
  CHECK(weir::sigmoid::backward(q(0.5f), q(1.0f)).raw == 1024);
  CHECK(weir::tanh::value(q(1.0f)).raw == 3119);  // 4096 * .761594 = 3119.5
  CHECK(weir::tanh::backward(q(0.5f), q(1.0f)).raw == 3072);
  CHECK(weir::leaky_relu<7>::value(-1.0f) == -0.0078125f);
  CHECK(weir::sigmoid::value(0.0f) == 0.5f);
}
