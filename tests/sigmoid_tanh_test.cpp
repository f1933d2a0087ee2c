// SPDX-License-Identifier: MIT
// sigmoid and tanh of many floats: against double, at the ends, and in every length.
#include "support/guarded.hpp"
#include "support/kernel_data.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <weir/kernel/sigmoid_tanh.hpp>

namespace k = weir::kernel;
using namespace test_support;

namespace {

typedef void (*many)(float*, weir::index_t);
template <class Isa>
void sigmoids(float* x, weir::index_t n) {
  k::sigmoid(x, n, Isa());
}
template <class Isa>
void tanhs(float* x, weir::index_t n) {
  k::hyperbolic_tangent(x, n, Isa());
}
double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double hyperbolic_tangent(double x) { return std::tanh(x); }

/// Every 257th float of both signs from the smallest normal one up to `most`: the largest relative error.
double worst_error(many f, double (*exact)(double), float most) {
  std::vector<float> x;
  for (uint32_t bits = 0x00800000;; bits += 257) {
    float v;
    std::memcpy(&v, &bits, sizeof v);
    if (v > most) break;
    x.push_back(v);
    x.push_back(-v);
  }
  std::vector<float> y = x;
  f(y.data(), static_cast<weir::index_t>(y.size()));
  double worst = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    const double want = exact(static_cast<double>(x[i]));
    worst = std::fmax(worst, std::fabs(static_cast<double>(y[i]) - want) / std::fabs(want));
  }
  return worst;
}

}  // namespace

TEST_CASE_TEMPLATE("sigmoid and tanh keep their promise for all sizes of arguments", Isa, k::avr, k::scalar,
                   k::native) {
  CHECK(worst_error(sigmoids<Isa>, sigmoid, 87.0f) < 2e-7);
  CHECK(worst_error(tanhs<Isa>, hyperbolic_tangent, 100.0f) < 2e-7);
}

TEST_CASE_TEMPLATE("the ends, zero, and what is no number", Isa, k::avr, k::scalar, k::native) {
  const float inf = std::numeric_limits<float>::infinity(), none = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> x = {0.0f, -0.0f, 1e30f, -1e30f, inf, -inf, none, 1e-40f, -1e-40f};
  std::vector<float> y = x;
  sigmoids<Isa>(x.data(), 9);
  tanhs<Isa>(y.data(), 9);
  CHECK((x[0] == 0.5f && x[1] == 0.5f && x[2] == 1.0f && x[4] == 1.0f && x[7] == 0.5f && x[8] == 0.5f));
  CHECK((x[3] >= 0.0f && x[3] < 2e-38f && x[5] >= 0.0f && x[5] < 2e-38f));
  CHECK((y[0] == 0.0f && y[2] == 1.0f && y[3] == -1.0f && y[4] == 1.0f && y[5] == -1.0f));
  CHECK((std::signbit(y[1]) && y[1] == 0.0f));
  CHECK((y[7] == 1e-40f && y[8] == -1e-40f));
  CHECK((std::isnan(x[6]) && std::isnan(y[6])));
}

TEST_CASE("every length: one operation at a time gives the same bits, and nothing else is touched") {
  for (weir::index_t n = 0; n <= 50; ++n) {
    CAPTURE(n);
    const std::vector<float> x = random_floats(n, n + 1);
    guarded<float> s(x, n % 5, 7.0f), t(x, n % 3, 7.0f);
    sigmoids<k::native>(s.data(), n);
    tanhs<k::native>(t.data(), n);
    CHECK((s.intact() && t.intact()));
    for (weir::index_t i = 0; i < n; ++i) {
      float one = x[i], other = x[i];
      sigmoids<k::scalar>(&one, 1);
      tanhs<k::scalar>(&other, 1);
      CHECK((s.data()[i] == one && t.data()[i] == other));
    }
  }
}
