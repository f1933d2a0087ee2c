// SPDX-License-Identifier: MIT
#include "support/kernel_data.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <weir/kernel/axpy.hpp>

namespace k = weir::kernel;
using namespace test_support;

TEST_CASE_TEMPLATE("axpy and scale agree with their definition to the bit", Isa, k::scalar, k::sse2, k::avx2,
                   k::native) {
  for (weir::index_t n = 0; n <= 70; ++n) {
    CAPTURE(n);
    const std::vector<float> x = random_floats(n, n);
    std::vector<float> y = random_floats(n + 1, n + 1), want = y;
    for (weir::index_t i = 0; i < n; ++i) {
      const float product = 0.3f * x[i];
      want[i] = want[i] + product;
    }
    CHECK(k::axpy(0.3f, x.data(), y.data(), n, Isa()) == 0);
    CHECK(same_bits(y, want));  // the element behind the last one included
    for (weir::index_t i = 0; i < n; ++i) want[i] = want[i] * 0.7f;
    k::scale(0.7f, y.data(), n, Isa());
    CHECK(same_bits(y, want));
  }
}

TEST_CASE("axpy in place doubles") {
  std::vector<float> x = random_floats(70, 1), want = x;
  for (float& v : want) v = v + 1.0f * v;
  k::axpy(1.0f, x.data(), x.data(), 70, k::native());
  CHECK(same_bits(x, want));
}

namespace {

template <class Row, class Cell>
void check_axpy() {
  const int bits = 8 * static_cast<int>(sizeof(typename Row::rep));
  const double most = weir::raw_range<typename Cell::rep>::highest();
  for (uint32_t seed = 0; seed < 400; ++seed) {
    const weir::index_t n = seed % 71;
    const float factor = std::ldexp((seed & 1) != 0 ? -1.3f : 1.1f, static_cast<int>(seed % 40) - 26);
    const weir::fixed_scale s = weir::fixed_scale::of(factor);
    const std::vector<Row> x = random_fixed<Row>(n, seed, weir::raw_range<typename Row::rep>::highest());
    std::vector<Cell> y = random_fixed<Cell>(n, seed + 1, weir::raw_range<typename Cell::rep>::highest()), want = y;
    // s is m 2^-e, made ready as an integer of 24 bits in units of 2^-bits cells.
    double units = std::floor(std::ldexp(s.mantissa, Cell::fraction() - Row::fraction() - s.exponent + bits) + 0.5);
    const bool clamped = std::fabs(units) > 8388607;
    if (clamped) units = units < 0 ? -8388607 : 8388607;
    weir::index_t saturated = 0;
    for (weir::index_t i = 0; i < n; ++i) {
      const double sum = y[i].raw + std::floor(std::ldexp(units * x[i].raw, -bits) + 0.5);
      const double kept = sum > most ? most : sum < -most ? -most : sum;
      if (kept != sum) ++saturated;
      want[i].raw = static_cast<typename Cell::rep>(kept);
    }
    CAPTURE(seed);
    CHECK(k::axpy(s, x.data(), y.data(), n, k::native()) == (clamped ? n : saturated));
    CHECK(y == want);
  }
}

}  // namespace

TEST_CASE("fixed-point axpy: each cell rounds once, saturates, and is counted when it does") {
  check_axpy<weir::fixed16<12>, weir::fixed16<18>>();
  check_axpy<weir::fixed8<4>, weir::fixed16<18>>();
  check_axpy<weir::fixed8<7>, weir::fixed8<9>>();
  check_axpy<weir::fixed16<12>, weir::fixed16<12>>();

  typedef weir::fixed16<12> weight;
  typedef weir::fixed16<18> residual;
  const weight x[1] = {weight::from_raw(1000)};
  residual y[1] = {residual::from_raw(5)};
  CHECK(k::axpy(weir::fixed_scale::of(0.0f), x, y, 1, k::native()) == 0);
  CHECK(y[0].raw == 5);
}

TEST_CASE("fixed-point scale rounds towards zero: what decays dies out") {
  typedef weir::fixed16<12> q;
  uint32_t wrong = 0;
  for (const float factor : {0.9f, 0.5f, 0.999f, 1.0f, 0.0f, 1e-3f, 1e-6f, 1e-9f, 1e-20f}) {
    const weir::fixed_scale s = weir::fixed_scale::of(factor);
    for (int raw = -32767; raw <= 32767; ++raw) {
      q x = q::from_raw(static_cast<int16_t>(raw));
      k::scale(s, &x, 1, k::native());
      if (x.raw != static_cast<int>(std::trunc(std::ldexp(static_cast<double>(s.mantissa) * raw, -s.exponent))))
        ++wrong;
    }
  }
  CHECK(wrong == 0);
  q x[2] = {q::from_raw(32767), q::from_raw(-32767)};
  for (int i = 0; i < 200; ++i) k::scale(weir::fixed_scale::of(0.9f), x, 2, k::native());
  CHECK(x[0].raw == 0);
  CHECK(x[1].raw == 0);
}
