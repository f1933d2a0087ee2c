// SPDX-License-Identifier: MIT
#include "support/awkward_floats.hpp"
#include "support/guarded.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <weir/kernel/fold_list_hits.hpp>

namespace k = weir::kernel;
using namespace test_support;

namespace {

/// Bit for bit; of what is not a number, only that it is none.
bool same(const std::vector<float>& a, const std::vector<float>& b) {
  for (size_t i = 0; i < a.size(); ++i)
    if (std::memcmp(&a[i], &b[i], sizeof a[i]) != 0 && !(std::isnan(a[i]) && std::isnan(b[i]))) return false;
  return a.size() == b.size();
}

struct folded {
  std::vector<float> r, u;
  std::vector<uint16_t> list;
};

const uint16_t first = 321;

/// By its definition; this file is compiled with contraction off.
folded expected(std::vector<float> r, std::vector<float> u, float rate, float keep, float wt) {
  std::vector<uint16_t> list;
  for (size_t i = 0; i < r.size(); ++i) {
    const float product = rate * u[i];
    r[i] = r[i] + product;
    u[i] = u[i] * keep;
    if (!(std::fabs(r[i]) < wt)) list.push_back(static_cast<uint16_t>(first + i));
  }
  return {r, u, list};
}

template <class Isa>
bool folds_as_expected(const std::vector<float>& r, const std::vector<float>& u, size_t offset, float rate, float keep,
                       float wt) {
  guarded<float> in_r(r, offset, -777.0f);
  guarded<float> in_u(u, (5 * offset) % 16, -777.0f);
  guarded<uint16_t> list(r.size() + 8, offset, 0xa5a5u);
  const weir::index_t count = k::fold_list_hits(rate, in_u.data(), keep, in_r.data(),
                                                static_cast<weir::index_t>(r.size()), wt, first, list.data(), Isa());
  const folded want = expected(r, u, rate, keep, wt);
  return in_r.intact() && in_u.intact() && list.intact() && same(in_r.values(), want.r) &&
         same(in_u.values(), want.u) && std::vector<uint16_t>(list.data(), list.data() + count) == want.list;
}

}  // namespace

TEST_CASE_TEMPLATE("fold_list_hits agrees with its definition to the bit, at all sizes and alignments", Isa, k::scalar,
                   k::lanes16, k::sse2, k::avx2, k::avx512, k::neon) {
  struct factors {
    float rate, keep;
  };
  const factors tried[] = {{0.05f, 0.9f}, {-1.0f, 1.0f}, {0.0f, 0.0f}, {1e-38f, 1e-3f}, {3e38f, 0.3f}};
  std::vector<size_t> sizes = {1000, 2047, 2048, 2049};
  for (size_t n = 0; n <= 100; ++n) sizes.push_back(n);
  uint32_t seed = 0;
  for (const size_t n : sizes)
    for (const factors& f : tried)
      for (size_t offset = 0; offset < 16; ++offset) {
        const std::vector<float> r = awkward_floats(n, ++seed, 1.0f);
        const std::vector<float> u = awkward_floats(n, seed + 1000000, 20.0f);
        // A bound that a sum meets exactly, now and then, and 0.
        const float sum = n == 0 ? 0.0f : std::fabs(expected(r, u, f.rate, f.keep, 0.0f).r[seed % n]);
        const float wt = std::isnan(sum) ? 1.0f : sum;
        CAPTURE(n);
        CAPTURE(f.rate);
        CAPTURE(wt);
        CAPTURE(offset);
        REQUIRE(folds_as_expected<Isa>(r, u, offset, f.rate, f.keep, wt));
      }
}

TEST_CASE_TEMPLATE("the product is rounded before it is added", Isa, k::scalar, k::sse2, k::avx2, k::avx512, k::neon) {
  // 0x1.000002p+0 squared is 1 + 2^-22 + 2^-46: less 1 + 2^-22 it is zero if it has been rounded, and 2^-46 if not.
  const float a = 1.00000012f;
  const std::vector<float> u(70, a), r(70, -(a * a));
  CHECK(folds_as_expected<Isa>(r, u, 0, a, 1.0f, 1e-20f));
  CHECK(expected(r, u, a, 1.0f, 1e-20f).r[0] == 0.0f);
}
