// SPDX-License-Identifier: MIT
#include "support/kernel_data.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <weir/kernel/next_hit.hpp>

namespace k = weir::kernel;
using namespace test_support;

namespace {
constexpr float infinite = std::numeric_limits<float>::infinity();
constexpr float no_number = std::numeric_limits<float>::quiet_NaN();
}  // namespace

TEST_CASE_TEMPLATE("a lone hit is found wherever it is, from wherever the scan begins", Isa, k::scalar, k::lanes16,
                   k::sse2, k::avx2) {
  uint32_t wrong = 0;
  for (weir::index_t n = 0; n <= 70; ++n)
    for (weir::index_t at = 0; at < n; ++at)
      for (const float hit : {1.0f, -1.0f, 2.0f, -infinite}) {
        std::vector<float> r(n, 0.99999994f);  // the largest float below 1
        r[at] = hit;
        for (weir::index_t from = 0; from <= n; ++from)
          if (k::next_hit(r.data(), from, n, 1.0f, Isa()) != (from <= at ? at : n)) ++wrong;
      }
  CHECK(wrong == 0);
}

TEST_CASE_TEMPLATE("the hits of random data are those of the reference", Isa, k::lanes16, k::sse2, k::avx2) {
  for (weir::index_t n = 0; n <= 70; ++n)
    for (uint32_t seed = 0; seed < 10; ++seed) {
      std::vector<float> r = random_floats(n, seed * 1000 + n);
      if (n > 3) r[n / 2] = no_number, r[n / 3] = -0.0f;
      for (const float wt : {0.0f, 1.0f, 300.0f, 5000.0f}) {
        weir::index_t a = 0, b = 0;
        while (a < n) {
          a = k::next_hit(r.data(), a, n, wt, k::scalar());
          b = k::next_hit(r.data(), b, n, wt, Isa());
          REQUIRE(a == b);
          ++a, ++b;
        }
      }
    }
}

TEST_CASE_TEMPLATE("what is not a number is a hit, wherever it stands; Wt = 0 lets everything pass", Isa, k::scalar,
                   k::sse2, k::avx2) {
  for (const float broken : {no_number, -no_number, std::numeric_limits<float>::infinity()})
    for (weir::index_t at = 0; at < 70; ++at) {
      std::vector<float> r(70, 0.0f);
      r[at] = broken;
      CHECK(k::next_hit(r.data(), 0, 70, 3.0e38f, Isa()) == at);
      CHECK(k::next_hit(r.data(), at + 1, 70, 3.0e38f, Isa()) == 70);
    }
  std::vector<float> r(70, 0.0f);
  r[3] = -0.0f;
  for (weir::index_t from = 0; from < 70; ++from) CHECK(k::next_hit(r.data(), from, 70, 0.0f, Isa()) == from);
  CHECK(k::next_hit(r.data(), 0, 70, 1e-45f, Isa()) == 70);
  r[50] = 1e-45f;  // subnormal: still a number
  CHECK(k::next_hit(r.data(), 0, 70, 1e-45f, Isa()) == 50);
}

TEST_CASE("fixed point: |r| >= wt for all 8-bit cells and thresholds") {
  typedef weir::fixed8<4> q;
  uint32_t wrong = 0;
  for (int wt = 0; wt <= 127; ++wt)
    for (int raw = -127; raw <= 127; ++raw) {
      const q r[2] = {q::from_raw(0), q::from_raw(static_cast<int8_t>(raw))};
      const bool hit = (raw < 0 ? -raw : raw) >= wt;
      if (k::next_hit(r, 1, 2, q::from_raw(static_cast<int8_t>(wt)), k::native()) != (hit ? 1u : 2u)) ++wrong;
    }
  CHECK(wrong == 0);
  const q zero[1] = {q::from_raw(0)};
  CHECK(k::next_hit(zero, 0, 1, q::from_raw(0), k::native()) == 0);
  CHECK(k::next_hit(zero, 0, 0, q::from_raw(0), k::native()) == 0);
}
