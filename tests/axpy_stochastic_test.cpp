// SPDX-License-Identifier: MIT
#include "support/kernel_data.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <weir/core/random.hpp>
#include <weir/kernel/axpy_stochastic.hpp>

namespace k = weir::kernel;
using namespace test_support;

namespace {

typedef weir::fixed8<6> pixel;
typedef weir::fixed16<12> weight;
typedef weir::fixed8<10> narrow;

/// s * x in units of a cell, as the fixed_scale says it.
template <class Cell, class X>
double exact(weir::fixed_scale s, X x) {
  return std::ldexp(static_cast<double>(s.mantissa) * x.raw, Cell::fraction() - X::fraction() - s.exponent);
}

/// How much a row's factor, rounded to 2^-16 or 2^-8, may be off for x, in units of a cell.
template <class Cell, class X>
double factor_error(weir::fixed_scale s, X x) {
  const double factor = exact<Cell>(s, X::from_raw(1));
  return std::fabs(x.raw * (std::fabs(factor) < 0.49 ? 1 / 65536.0 : 1 / 256.0));
}

/// What `rows` rows add to cell i of a row x, on average.
template <class Cell, class X>
std::vector<double> mean_of_rows(float factor, const std::vector<X>& x, uint32_t rows, uint32_t seed) {
  const weir::fixed_scale s = weir::fixed_scale::of(factor);
  const weir::index_t n = static_cast<weir::index_t>(x.size());
  k::dither d = {seed};
  std::vector<double> sum(n);
  std::vector<Cell> y(n);
  uint32_t far = 0;
  for (uint32_t r = 0; r < rows; ++r) {
    y.assign(n, Cell());
    far += k::axpy_stochastic(s, x.data(), y.data(), n, d, k::native());
    for (weir::index_t i = 0; i < n; ++i) {
      const double units = exact<Cell>(s, x[i]);
      if (std::fabs(y[i].raw - units) >= 1 + factor_error<Cell>(s, x[i])) ++far;
      sum[i] += y[i].raw;
    }
  }
  CHECK(far == 0);
  for (double& v : sum) v /= rows;
  return sum;
}

/// Each cell of 64, and all together: nothing may depend on where in a row a cell stands.
template <class Cell, class X>
void check_mean(float factor, X x, uint32_t rows = 20000) {
  CAPTURE(factor);
  CAPTURE(x.raw);
  const double units = exact<Cell>(weir::fixed_scale::of(factor), x);
  const double part = units - std::floor(units);
  // Of one cell: a coin with these chances, thrown so many times; and the rounded factor's share.
  const double off = factor_error<Cell>(weir::fixed_scale::of(factor), x);
  const double deviation = std::sqrt((part * (1 - part) + off * off) / rows);
  const std::vector<double> means = mean_of_rows<Cell>(factor, std::vector<X>(64, x), rows, 7);
  double all = 0, worst = 0;
  for (const double mean : means) {
    all += mean / 64;
    worst = std::fmax(worst, std::fabs(mean - units));
  }
  CHECK(worst <= 4.5 * deviation);
  CHECK(std::fabs(all - units) <= 1.5 * deviation);
}

}  // namespace

TEST_CASE("stochastic rounding has the exact mean, however small the update, wherever in the row") {
  for (const float factor : {0.03f, -0.03f, 0.001f, -0.00007f, 0.09f})
    for (const int raw : {64, -64, 1, 36}) check_mean<narrow>(factor, pixel::from_raw(static_cast<int8_t>(raw)));
  for (const float factor : {0.03f, -0.002f, 0.00005f})
    for (const int raw : {4096, -700, 13}) check_mean<narrow>(factor, weight::from_raw(static_cast<int16_t>(raw)));
  check_mean<weir::fixed8<5>>(-0.4f, weir::fixed8<5>::from_raw(-77));
  check_mean<weir::fixed16<12>>(0.01f, weight::from_raw(-3));
  check_mean<weir::fixed16<12>>(0.7f, pixel::from_raw(5));  // more than half a unit to a unit: the coarser factor
}

TEST_CASE("updates of less than a unit add up: a hundred thousand of 1/300 unit") {
  const weir::fixed_scale s = weir::fixed_scale::of(1.0f / (300.0f * 1024.0f));
  const pixel one = pixel::from_raw(64);
  narrow y = {};
  k::dither d = {1};
  double sum = 0;
  for (int i = 0; i < 100000; ++i) {
    y.raw = 0;
    k::axpy_stochastic(s, &one, &y, 1, d, k::native());
    sum += y.raw;
  }
  CHECK(std::fabs(sum - 100000 / 300.0) < 4 * std::sqrt(100000 / 300.0));
}

TEST_CASE("what needs no rounding gets none, zero stays zero, and a fold into itself is a fold") {
  std::vector<narrow> y(70, narrow::from_raw(3));
  std::vector<pixel> x(70, pixel::from_raw(16));
  k::dither d = {99};
  for (int i = 0; i < 20; ++i) {
    k::axpy_stochastic(weir::fixed_scale::of(0.0078125f), x.data(), y.data(), 70, d, k::native());  // 2 units
    k::axpy_stochastic(weir::fixed_scale::of(-0.00390625f), x.data(), y.data(), 70, d, k::native());
  }
  for (const narrow c : y) CHECK(c.raw == 3 + 20);
  const uint32_t state = d.state;
  CHECK(k::axpy_stochastic(weir::fixed_scale::of(0.0f), x.data(), y.data(), 70, d, k::native()) == 0);
  CHECK(d.state == state);
  x.assign(70, pixel());
  k::axpy_stochastic(weir::fixed_scale::of(0.3f), x.data(), y.data(), 70, d, k::native());
  for (const narrow c : y) CHECK(c.raw == 23);
  k::axpy_stochastic(weir::fixed_scale::of(1.0f), y.data(), y.data(), 70, d, k::native());
  for (const narrow c : y) CHECK(c.raw == 46);
}

TEST_CASE("it saturates, and says how often; no factor is too large or too small for it") {
  std::vector<narrow> y(9);
  std::vector<pixel> x(9, pixel::from_raw(-64));
  x[4] = pixel::from_raw(64);
  x[5] = pixel();
  k::dither d = {5};
  for (const float huge : {0.5f, 3.0f, 1e4f, 1e30f, 3e38f}) {
    y.assign(9, narrow());
    CAPTURE(huge);
    CHECK(k::axpy_stochastic(weir::fixed_scale::of(huge), x.data(), y.data(), 9, d, k::native()) == 8);
    for (int i = 0; i < 9; ++i) CHECK(y[static_cast<size_t>(i)].raw == (i == 5 ? 0 : i == 4 ? 127 : -127));
  }
  y.assign(9, narrow());
  for (const float tiny : {1e-12f, -1e-20f, 1e-30f})
    CHECK(k::axpy_stochastic(weir::fixed_scale::of(tiny), x.data(), y.data(), 9, d, k::native()) == 0);
  for (const narrow c : y) CHECK(c.raw == 0);
}

TEST_CASE("the same seed gives the same bits, on every machine; another seed others") {
  const auto run = [](uint32_t seed) {
    std::vector<pixel> x(31);
    std::vector<weight> v(31);
    for (size_t i = 0; i < 31; ++i) {
      x[i] = pixel::from_raw(static_cast<int8_t>(4 * (i % 17)));
      v[i] = weight::from_raw(static_cast<int16_t>(131 * static_cast<int>(i) - 2000));
    }
    std::vector<narrow> y(31);
    k::dither d = {seed};
    for (const float factor : {0.013f, -0.0004f, 0.4f, -0.09f}) {
      k::axpy_stochastic(weir::fixed_scale::of(factor), x.data(), y.data(), 31, d, k::native());
      k::axpy_stochastic(weir::fixed_scale::of(factor / 8), v.data(), y.data(), 31, d, k::native());
    }
    uint32_t hash = d.state;
    for (const narrow c : y) hash = weir::scramble(hash + static_cast<uint8_t>(c.raw));
    return hash;
  };
  CHECK(run(1) == 2773310121u);
  CHECK(run(2) == 2963049949u);
}
