// SPDX-License-Identifier: MIT
#include "support/awkward_floats.hpp"
#include "support/guarded.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <weir/kernel/list_hits.hpp>

namespace k = weir::kernel;
using namespace test_support;

namespace {

std::vector<uint16_t> expected_list(const std::vector<float>& r, float wt, size_t first) {
  std::vector<uint16_t> list;
  for (size_t i = 0; i < r.size(); ++i)
    if (!(std::fabs(r[i]) < wt)) list.push_back(static_cast<uint16_t>(first + i));
  return list;
}

template <class Isa>
bool lists_as_expected(const std::vector<float>& r, size_t offset, float wt, size_t first = 0) {
  guarded<float> in(r, offset, -777.0f);
  guarded<uint16_t> list(r.size() + 8, offset, 0xa5a5u);
  const weir::index_t count = k::list_hits(in.data(), static_cast<weir::index_t>(r.size()), wt,
                                           static_cast<uint16_t>(first), list.data(), Isa());
  return in.intact() && list.intact() &&
         std::vector<uint16_t>(list.data(), list.data() + count) == expected_list(r, wt, first);
}

}  // namespace

TEST_CASE_TEMPLATE("list_hits lists |r| >= wt and what is not a number, at all sizes and alignments", Isa, k::scalar,
                   k::lanes16, k::sse2, k::avx2, k::avx512, k::neon) {
  const float bounds[] = {0.0f, 1e-45f, 1.17549435e-38f, 1.0f, 37.5f, std::numeric_limits<float>::infinity()};
  std::vector<size_t> sizes = {1000, 2047, 2048, 2049};
  for (size_t n = 0; n <= 200; ++n) sizes.push_back(n);
  uint32_t seed = 0;
  for (const size_t n : sizes)
    for (const float wt : bounds)
      for (size_t offset = 0; offset < 16; ++offset) {
        CAPTURE(n);
        CAPTURE(wt);
        CAPTURE(offset);
        REQUIRE(lists_as_expected<Isa>(awkward_floats(n, ++seed, wt), offset, wt));
      }
}

TEST_CASE_TEMPLATE("any density, up to the last index of 16 bits, and within n + 8 entries", Isa, k::scalar, k::lanes16,
                   k::sse2, k::avx2, k::avx512, k::neon) {
  uint32_t seed = 0;
  for (const size_t n : {size_t{64}, size_t{127}, size_t{1000}, size_t{65535}, size_t{65536}})
    for (const double density : {0.0, 0.001, 0.03, 0.1, 0.3, 0.5, 0.97, 1.0})
      for (const size_t first : {size_t{0}, size_t{1}, (65536 - n) / 2, 65536 - n}) {
        if (first + n > 65536) continue;
        std::mt19937 random{++seed};
        std::bernoulli_distribution hit{density};
        std::vector<float> r(n);
        for (float& v : r) v = hit(random) ? -1.0f : 0.5f;
        CAPTURE(n);
        CAPTURE(density);
        CAPTURE(first);
        REQUIRE(lists_as_expected<Isa>(r, seed % 16, 1.0f, first));
      }
}

TEST_CASE_TEMPLATE("many hits here and few there", Isa, k::scalar, k::sse2, k::avx2, k::avx512, k::neon) {
  for (uint32_t seed = 0; seed < 40; ++seed) {
    std::mt19937 random{seed};
    std::vector<float> r(1 + random() % 20000);
    std::bernoulli_distribution hit{0.5};
    for (size_t i = 0; i < r.size(); ++i) {
      if (random() % 600 == 0) hit = std::bernoulli_distribution{random() % 3 == 0 ? 0.2 : 0.002};
      r[i] = hit(random) ? -1.0f : 0.5f;
    }
    CAPTURE(seed);
    REQUIRE(lists_as_expected<Isa>(r, seed % 16, 1.0f, seed));
  }
}

TEST_CASE_TEMPLATE("each number of hits in a row, wherever it begins", Isa, k::scalar, k::sse2, k::avx2, k::avx512,
                   k::neon) {
  for (size_t first = 0; first < 192; ++first)
    for (size_t count = 1; first + count <= 192; ++count) {
      std::vector<float> r(192, 0.99999994f);  // the largest float below 1
      for (size_t i = 0; i < count; ++i) r[first + i] = i % 2 == 0 ? 1.0f : -1.0f;
      CAPTURE(first);
      CAPTURE(count);
      REQUIRE(lists_as_expected<Isa>(r, 0, 1.0f));
    }
}
