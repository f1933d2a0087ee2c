// SPDX-License-Identifier: MIT
#include "support/guarded.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <random>
#include <weir/kernel/list_hits.hpp>

namespace k = weir::kernel;
using namespace test_support;

namespace {

/// A word more than cells need would be read beyond the end: the mask is just as long as it has to be.
template <class Isa>
bool lists_as_expected(const std::vector<bool>& cells, size_t offset) {
  std::vector<uint32_t> mask((cells.size() + 31) / 32, 0);
  std::vector<uint16_t> want;
  for (size_t i = 0; i < cells.size(); ++i)
    if (cells[i]) {
      mask[i / 32] |= uint32_t{1} << i % 32;
      want.push_back(static_cast<uint16_t>(i));
    }
  guarded<uint16_t> list(cells.size() + 8, offset, 0xa5a5u);
  const weir::index_t count = k::list_hits(mask.data(), static_cast<weir::index_t>(cells.size()), list.data(), Isa());
  return list.intact() && count == want.size() && std::vector<uint16_t>(list.data(), list.data() + count) == want;
}

}  // namespace

TEST_CASE_TEMPLATE("list_hits lists what is set, in order, and stays within n + 8 entries", Isa, k::scalar, k::lanes16,
                   k::sse2, k::avx2, k::avx512, k::neon) {
  std::vector<size_t> sizes = {1000, 2047, 2048, 2049, 65535, 65536};
  for (size_t n = 0; n <= 200; ++n) sizes.push_back(n);
  uint32_t seed = 0;
  for (const size_t n : sizes)
    for (const double density : {0.0, 0.001, 0.03, 0.1, 0.5, 0.97, 1.0})
      for (size_t offset = 0; offset < 8; ++offset) {
        std::mt19937 random{++seed};
        std::bernoulli_distribution hit{density};
        std::vector<bool> cells(n);
        for (size_t i = 0; i < n; ++i) cells[i] = hit(random);
        CAPTURE(n);
        CAPTURE(density);
        CAPTURE(offset);
        REQUIRE(lists_as_expected<Isa>(cells, offset));
        if (n > 5000) break;
      }
}

TEST_CASE_TEMPLATE("each number of hits in a row, wherever it begins", Isa, k::scalar, k::avx512) {
  for (size_t first = 0; first < 192; ++first)
    for (size_t count = 1; first + count <= 192; ++count) {
      std::vector<bool> cells(192);
      for (size_t i = 0; i < count; ++i) cells[first + i] = true;
      CAPTURE(first);
      CAPTURE(count);
      REQUIRE(lists_as_expected<Isa>(cells, 0));
    }
}
