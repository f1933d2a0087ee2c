// SPDX-License-Identifier: MIT
#include "support/kernel_data.hpp"

#include <doctest/doctest.h>

#include <weir/kernel/largest.hpp>
#include <weir/kernel/matvec.hpp>

namespace k = weir::kernel;
using namespace test_support;

TEST_CASE_TEMPLATE("a product is a dot for each row, plus the bias, to the bit", Isa, k::lanes16, k::sse2, k::avx2) {
  for (weir::index_t columns = 0; columns <= 70; ++columns) {
    const weir::index_t rows = columns % 6;
    const std::vector<float> m = random_floats(size_t{rows} * columns, columns), x = random_floats(columns, 1),
                             bias = random_floats(rows, 2);
    std::vector<float> y(rows + 1, 7.0f), want(rows + 1, 7.0f);
    for (weir::index_t r = 0; r < rows; ++r)
      want[r] = bias[r] + k::dot(m.data() + size_t{r} * columns, x.data(), columns, k::lanes16());
    k::matvec(m.data(), bias.data(), x.data(), y.data(), rows, columns, Isa());
    CHECK(same_bits(y, want));
  }
}

TEST_CASE_TEMPLATE("the transposed product adds rows in order, to the bit; zeros change nothing", Isa, k::scalar,
                   k::sse2, k::avx2) {
  for (weir::index_t columns = 0; columns <= 70; ++columns) {
    const weir::index_t rows = columns % 6;
    const std::vector<float> m = random_floats(size_t{rows} * columns, columns);
    std::vector<float> x = random_floats(rows, 3);
    if (rows > 2) x[1] = 0;
    std::vector<float> y(columns + 1, 7.0f), want(columns + 1, 0.0f);
    want[columns] = 7.0f;
    for (weir::index_t r = 0; r < rows; ++r)
      for (weir::index_t c = 0; c < columns; ++c) {
        const float product = x[r] * m[size_t{r} * columns + c];
        want[c] = want[c] + product;
      }
    k::matvec_transposed(m.data(), x.data(), y.data(), rows, columns, Isa());
    CHECK(y == want);  // -0 and 0 are equal here
  }
}

TEST_CASE("fixed point: sums are exact and round once") {
  typedef weir::fixed16<12> weight;
  typedef weir::fixed16<8> element;
  for (const int32_t most : {300, 32767}) {  // small enough not to saturate, and large enough
    for (weir::index_t columns = 1; columns <= 70; ++columns) {
      const weir::index_t rows = columns % 6;
      const std::vector<weight> m = random_fixed<weight>(size_t{rows} * columns, columns, most),
                                bias = random_fixed<weight>(rows, 2, most);
      const std::vector<element> x = random_fixed<element>(columns, 1, most);
      std::vector<weight> y(rows), t(columns);
      k::matvec(m.data(), bias.data(), x.data(), y.data(), rows, columns, k::native());
      for (weir::index_t r = 0; r < rows; ++r) {
        int64_t sum = int64_t{bias[r].raw} * 256 + 128;
        for (weir::index_t c = 0; c < columns; ++c) sum += int64_t{m[size_t{r} * columns + c].raw} * x[c].raw;
        const int64_t want = sum >= 0 ? sum / 256 : -((-sum + 255) / 256);
        CHECK(y[r].raw == (want > 32767 ? 32767 : want < -32767 ? -32767 : want));
      }
      k::matvec_transposed(m.data(), bias.data(), t.data(), rows, columns, k::native());
      for (weir::index_t c = 0; c < columns; ++c) {
        int64_t sum = 2048;
        for (weir::index_t r = 0; r < rows; ++r) sum += int64_t{m[size_t{r} * columns + c].raw} * bias[r].raw;
        const int64_t want = sum >= 0 ? sum / 4096 : -((-sum + 4095) / 4096);
        CHECK(t[c].raw == (want > 32767 ? 32767 : want < -32767 ? -32767 : want));
      }
    }
  }
}

TEST_CASE("largest: the first of equals") {
  const float y[5] = {-3.0f, 2.0f, 5.0f, 5.0f, 1.0f};
  CHECK(k::largest(y, 5) == 2);
  CHECK(k::largest(y, 2) == 1);
  CHECK(k::largest(y, 1) == 0);
  const weir::fixed8<4> q[3] = {weir::fixed8<4>::from_raw(-7), weir::fixed8<4>::from_raw(-7),
                                weir::fixed8<4>::from_raw(-8)};
  CHECK(k::largest(q, 3) == 0);
}
