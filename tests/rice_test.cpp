// SPDX-License-Identifier: MIT
#include "support/bits_kinds.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <random>
#include <vector>
#include <weir/core/grid.hpp>
#include <weir/encoder/rice.hpp>
#include <weir/encoder/ternary.hpp>

using weir::index_t;

using test_support::bits32;
using test_support::bits64;
using test_support::bits8;

namespace {

/// Gaps of evenly spread coordinates: `hits` of them, each cell with probability p.
std::vector<index_t> gaps(double p, size_t hits, uint32_t seed) {
  std::mt19937 rng{seed};
  std::vector<index_t> g(hits);
  for (index_t& v : g) {
    const double unit = (static_cast<double>(rng()) + 0.5) / 4294967296.0;
    v = static_cast<index_t>(std::log(unit) / std::log1p(-p));
  }
  return g;
}

uint64_t cost(const std::vector<index_t>& g, uint8_t l, uint8_t raw_bits) {
  uint64_t bits = 0;
  const weir::detail::rice_code code(l, raw_bits, 0);
  for (const index_t v : g) bits += weir::detail::rice_symbol(v, code).bits(code);
  return bits;
}

}  // namespace

TEST_CASE("index_bits numbers all cells, and no bit less would") {
  static_assert(weir::detail::index_bits(1) == 1 && weir::detail::index_bits(2) == 1, "at least one");
  static_assert(weir::detail::index_bits(3) == 2 && weir::detail::index_bits(4) == 2, "");
  static_assert(weir::detail::index_bits(5) == 3 && weir::detail::index_bits(1210) == 11, "");
  static_assert(weir::detail::index_bits(0xffffffff) == 32, "");
  for (uint32_t bits = 1; bits < 32; ++bits) {
    CHECK(weir::detail::index_bits(uint32_t{1} << bits) == bits);
    CHECK(weir::detail::index_bits((uint32_t{1} << bits) + 1) == bits + 1);
  }
}

TEST_CASE_TEMPLATE("every gap survives every parameter, and costs what its symbol says", Bits, bits8, bits32, bits64) {
  std::mt19937 rng{1};
  uint32_t wrong = 0;
  for (const uint8_t raw_bits : {uint8_t{1}, uint8_t{7}, uint8_t{16}, uint8_t{17}, uint8_t{32}})
    for (uint8_t l = 0; l <= 24; ++l)
      for (int i = 0; i < 400; ++i) {
        const index_t limit = raw_bits == 32 ? 0xffffffff : (index_t{1} << raw_bits) - 1;
        const index_t gap = static_cast<index_t>(rng() >> (rng() % 32)) & limit;
        uint8_t out[24] = {};
        typename Bits::writer w((weir::bytes(out)));
        const uint32_t room = w.room();
        const weir::detail::rice_code code(l, raw_bits, 0);
        const weir::detail::rice_symbol symbol(gap, code);
        symbol.put(w, code, 0);
        if (room - w.room() != symbol.bits(code)) ++wrong;
        w.put(0x15, 5);
        w.finish();
        typename Bits::reader r((weir::const_bytes(out, 24)));
        if (weir::detail::get_rice(r, l, raw_bits) != gap || r.get(5) != 0x15 || r.over()) ++wrong;
      }
  CHECK(wrong == 0);
}

TEST_CASE("the parameter: known values, and the ends of its range") {
  CHECK(weir::detail::rice_parameter(10, 2) == 1);
  CHECK(weir::detail::rice_parameter(1210, 12) == 6);  // 0.48 (1210 / 12 - 1 / 2) = 48.2 <= 64
  CHECK(weir::detail::rice_parameter(1000, 1000) == 0);
  CHECK(weir::detail::rice_parameter(1, 0) == 0);
  CHECK(weir::detail::rice_parameter(65535, 0) == 15);  // as if one were expected: 31487 <= 32768
  CHECK(weir::detail::rice_parameter(0xffffffff, 1) == 24);
  CHECK(weir::detail::rice_parameter(0xffffffff, 0xffffffff) == 0);
  CHECK(weir::detail::rice_parameter(5, 10) == 0);         // more expected than there are
  CHECK(weir::detail::rice_parameter(50000, 20000) == 0);  // 0.48 * 2 <= 1
}

TEST_CASE("the parameter follows the density, when that is clear, after each 32 coordinates") {
  const auto after = [](uint8_t l, index_t span) {
    weir::detail::rice_parameter_now now(l);
    for (index_t i = 0; i < 31; ++i) CHECK(!now.count(i + 1));
    CHECK(now.l() == l);
    CHECK(now.count(span));
    return now.l();
  };
  CHECK(after(2, 621) == 3);  // the example of weir/wire/README.md
  CHECK(after(3, 621) == 3);
  CHECK(after(4, 621) == 4);
  CHECK(after(5, 621) == 4);
  CHECK(after(24, 32) == 0);
  CHECK(after(0, 65535) == 10);
  CHECK(after(0, 0xffffffff) == 24);

  weir::detail::rice_parameter_now now(0);  // the second block counts from the end of the first
  for (index_t i = 1; i <= 32; ++i) now.count(i * 20);
  CHECK(now.l() == 3);
  for (index_t i = 1; i <= 32; ++i) now.count(640 + i);
  CHECK(now.l() == 0);
}

TEST_CASE("the rule's parameter costs at most one percent more than the best one") {
  for (double p = 0.9; p > 1e-4; p *= 0.83) {
    const size_t hits = 20000;
    const double cells = static_cast<double>(hits) / p;
    const std::vector<index_t> g = gaps(p, hits, 5);
    const uint8_t raw_bits = weir::detail::index_bits(static_cast<index_t>(cells));
    const uint8_t chosen = weir::detail::rice_parameter(static_cast<index_t>(cells), static_cast<index_t>(hits));
    uint64_t best = ~uint64_t{0};
    for (uint8_t l = 0; l <= 24; ++l) best = std::min(best, cost(g, l, raw_bits));
    CAPTURE(p);
    CHECK(static_cast<double>(cost(g, chosen, raw_bits)) <= 1.01 * static_cast<double>(best));
  }
}

TEST_CASE("a whole ternary body is within two percent of the entropy of positions and signs") {
  for (const double p : {0.1, 0.01, 0.001}) {
    const std::vector<index_t> g = gaps(p, 30000, 9);
    uint64_t cells = 0;
    for (const index_t v : g) cells += v + 1;
    typedef weir::grid<float, float> grid;
    std::vector<uint8_t> out(100000);
    weir::ternary::state state = {};
    weir::ternary::writer<grid> writer(weir::ternary(), state, grid(1.0f),
                                       {1.0f, static_cast<index_t>(cells), 0, static_cast<index_t>(g.size())},
                                       weir::bytes(out.data(), out.size()));
    index_t offset = 0;
    for (size_t k = 0; k < g.size(); ++k) {
      offset += g[k];
      float cell = (k & 1) != 0 ? 1.5f : -1.5f;
      REQUIRE(writer.put(offset++, cell));
    }
    const double bits = 8.0 * static_cast<double>(writer.finish(state));
    const double share = static_cast<double>(g.size()) / static_cast<double>(cells);
    const double h2 = -share * std::log2(share) - (1 - share) * std::log2(1 - share);
    const double entropy = static_cast<double>(cells) * h2 + static_cast<double>(g.size());
    CAPTURE(p);
    CAPTURE(bits / entropy);
    CHECK(bits <= 1.02 * entropy);
    CHECK(bits >= 0.99 * entropy);  // less would be too good to be true
  }
}

#if WEIR_HAS_RICE_PAIRS
TEST_CASE("many coordinates at once are the bytes of one after the other") {
  std::mt19937 rng{17};
  const auto below = [&rng](uint32_t n) { return static_cast<uint32_t>(rng() % n); };
  int at_once = 0, refused = 0;
  for (int trial = 0; trial < 600; ++trial) {
    CAPTURE(trial);
    const auto l = static_cast<uint8_t>(below(17));
    std::vector<uint8_t> want(40000), got(want.size());
    const size_t room = trial % 5 == 0 ? below(2000) : want.size();
    weir::detail::rice_writer<1> one(l, 0xfffffff0, weir::bytes(want.data(), room));
    weir::detail::rice_writer<1> many(l, 0xfffffff0, weir::bytes(got.data(), room));
    const uint32_t usual = uint32_t{1} << below(12);  // gaps are below this, but one in `seldom`
    const uint32_t seldom = 2 + below(200);
    index_t first = 0;
    bool full = false;
    for (int put = 0; put < 60 && !full; ++put) {
      uint16_t room_for_list[1 + 32] = {};
      uint16_t* const list = room_for_list + 1;
      uint32_t tails[32] = {};
      const uint32_t most = below(2) == 0 ? many.at_once() : 1 + below(many.at_once());
      uint32_t n = 0;
      for (uint32_t number = below(usual); n < most && number < 65536; ++n) {
        list[n] = static_cast<uint16_t>(number);
        tails[n] = below(2);
        number += 1 + below(below(seldom) == 0 ? 65536 : usual);
      }
      if (n % 2 != 0) list[--n] = 0;
      if (n == 0) continue;
      const bool taken = many.put(first, list, tails, n);
      ++(taken ? at_once : refused);
      for (uint32_t i = 0; i < n && !full; ++i) {
        full = !one.put(first + list[i], tails[i]);
        if (!taken) REQUIRE(many.put(first + list[i], tails[i]) == !full);
        REQUIRE(!(taken && full));
      }
      first += list[n - 1] + 1u + (below(16) == 0 ? below(100000) : 0);
    }
    const auto size = one.finish() - want.data();
    REQUIRE(many.finish() - got.data() == size);
    REQUIRE(std::equal(want.begin(), want.begin() + size, got.begin()));
  }
  CHECK(at_once > 3000);
  CHECK(refused > 3000);
}
#endif
