// SPDX-License-Identifier: MIT
#include "support/kernel_data.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <type_traits>
#include <weir/kernel/dot.hpp>

namespace k = weir::kernel;
using namespace test_support;

TEST_CASE_TEMPLATE("vector dots agree with the sixteen-lane reference to the bit", Isa, k::sse2, k::avx2) {
  for (weir::index_t n = 0; n <= 70; ++n)  // every tail length, empty included
    for (uint32_t seed = 0; seed < 8; ++seed)
      for (size_t shift = 0; shift < 3; ++shift) {  // any alignment
        CAPTURE(n);
        CAPTURE(seed);
        const std::vector<float> a = random_floats(n + shift, seed), b = random_floats(n + shift, seed + 100);
        const float want = k::dot(a.data() + shift, b.data() + shift, n, k::lanes16());
        CHECK(same_bits(k::dot(a.data() + shift, b.data() + shift, n, Isa()), want));
      }
}

TEST_CASE("the native dot agrees with the reference for its lanes") {
  typedef std::conditional<k::native::lanes() == 16, k::lanes16, k::scalar>::type reference;
  for (weir::index_t n = 0; n <= 70; ++n) {
    const std::vector<float> a = random_floats(n, n), b = random_floats(n, n + 1);
    CHECK(same_bits(k::dot(a.data(), b.data(), n, k::native()), k::dot(a.data(), b.data(), n, reference())));
  }
}

TEST_CASE_TEMPLATE("every order of additions is near the true sum", Isa, k::scalar, k::lanes16) {
  for (weir::index_t n = 0; n <= 700; n += 7) {
    const std::vector<float> a = random_floats(n, n), b = random_floats(n, n + 1);
    double sum = 0, size = 0;
    for (weir::index_t i = 0; i < n; ++i) {
      const double p = static_cast<double>(a[i]) * static_cast<double>(b[i]);
      sum += p;
      size += std::fabs(p);
    }
    CHECK(std::fabs(static_cast<double>(k::dot(a.data(), b.data(), n, Isa())) - sum) <= size * 1e-5);
  }
}

TEST_CASE("the order of the sixteen partial sums is what it says") {
  // 2^24 swallows a lone 1, so each order of additions has its own result.
  std::vector<float> a(33, 0.0f), ones(33, 1.0f);
  a[0] = 16777216.0f;
  a[16] = 1.0f;  // the same lane: swallowed
  a[8] = 1.0f;   // lanes 8 + 8: swallowed
  a[1] = 1.0f;   // lane 1 gathers 1 + 1 before it meets lane 0
  a[9] = 1.0f;
  CHECK(k::dot(a.data(), ones.data(), 33, k::lanes16()) == 16777218.0f);
  CHECK(k::dot(a.data(), ones.data(), 33, k::scalar()) == 16777216.0f);
  CHECK(k::dot(a.data(), ones.data(), 33, k::sse2()) == 16777218.0f);
  CHECK(k::dot(a.data(), ones.data(), 33, k::avx2()) == 16777218.0f);
}

TEST_CASE("a fixed-point dot is exact and rounds once, with any stride, also at the ends of the range") {
  typedef weir::fixed16<12> q;
  typedef weir::fixed8<4> small;
  for (weir::index_t n = 0; n <= 70; ++n)
    for (weir::index_t stride = 1; stride <= 3; ++stride)
      for (const int32_t most : {100, 32767}) {
        const std::vector<q> m = random_fixed<q>(size_t{n} * stride + 1, n, most), x = random_fixed<q>(n, n + 1, most);
        const std::vector<small> bytes = random_fixed<small>(n, n + 2, 127);
        const q bias = q::from_raw(static_cast<int16_t>(most / 2));
        int64_t sum = int64_t{bias.raw} * 4096 + 2048, sum_of_bytes = int64_t{bias.raw} * 16 + 8;
        for (weir::index_t i = 0; i < n; ++i) {
          sum += int64_t{m[size_t{i} * stride].raw} * x[i].raw;
          sum_of_bytes += int64_t{m[size_t{i} * stride].raw} * bytes[i].raw;
        }
        CHECK(k::rounded_dot(m.data(), stride, x.data(), n, bias, k::native()).raw ==
              weir::saturate<int16_t>(sum >> 12));
        CHECK(k::rounded_dot(m.data(), stride, bytes.data(), n, bias, k::native()).raw ==
              weir::saturate<int16_t>(sum_of_bytes >> 4));
      }
  const std::vector<q> high(5000, q::from_raw(32767)), low(5000, q::from_raw(-32767));
  CHECK(k::rounded_dot(high.data(), 1, low.data(), 5000, q::from_raw(0), k::scalar()).raw == -32767);
}
