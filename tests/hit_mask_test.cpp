// SPDX-License-Identifier: MIT
#include "support/awkward_floats.hpp"
#include "support/guarded.hpp"

#include <doctest/doctest.h>

#include <weir/kernel/hit_mask.hpp>

namespace k = weir::kernel;
using namespace test_support;

namespace {

std::vector<uint32_t> expected_mask(const std::vector<float>& r, float wt) {
  std::vector<uint32_t> mask((r.size() + 31) / 32, 0);
  for (size_t i = 0; i < r.size(); ++i)
    if (!(std::fabs(r[i]) < wt)) mask[i / 32] |= uint32_t{1} << i % 32;
  return mask;
}

template <class Isa>
bool masks_as_expected(const std::vector<float>& r, size_t offset, float wt) {
  guarded<float> in(r, offset, -777.0f);
  guarded<uint32_t> out((r.size() + 31) / 32, offset, 0xa5a5a5a5u);
  k::hit_mask(in.data(), static_cast<weir::index_t>(r.size()), wt, out.data(), Isa());
  return out.intact() && out.values() == expected_mask(r, wt);
}

}  // namespace

TEST_CASE_TEMPLATE("hit_mask marks |r| >= wt and what is not a number, at all sizes and alignments", Isa, k::scalar,
                   k::lanes16, k::sse2, k::avx2, k::avx512, k::neon) {
  const float bounds[] = {0.0f, 1e-45f, 1.17549435e-38f, 1.0f, 37.5f, std::numeric_limits<float>::infinity()};
  std::vector<size_t> sizes = {1000, 2047, 2048, 2049};
  for (size_t n = 0; n <= 100; ++n) sizes.push_back(n);
  uint32_t seed = 0;
  for (const size_t n : sizes)
    for (const float wt : bounds)
      for (size_t offset = 0; offset < 16; ++offset) {
        CAPTURE(n);
        CAPTURE(wt);
        CAPTURE(offset);
        REQUIRE(masks_as_expected<Isa>(awkward_floats(n, ++seed, wt), offset, wt));
      }
}

TEST_CASE_TEMPLATE("a lone hit sets its bit and no other", Isa, k::scalar, k::sse2, k::avx2, k::avx512, k::neon) {
  for (size_t at = 0; at < 130; ++at)
    for (const float hit : {1.0f, -1.0f, std::numeric_limits<float>::quiet_NaN()}) {
      std::vector<float> r(130, 0.99999994f);  // the largest float below 1
      r[at] = hit;
      CAPTURE(at);
      REQUIRE(masks_as_expected<Isa>(r, 0, 1.0f));
    }
}
