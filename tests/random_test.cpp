// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <initializer_list>
#include <weir/core/fingerprint.hpp>
#include <weir/core/random.hpp>
#include <weir/core/serial.hpp>

TEST_CASE("random bits are the same on every platform") {
  weir::random_bits zero(0), one(1), other(0xdeadbeef);
  for (const uint32_t expected : {0x64625032u, 0xd9c0799cu, 0xaf362e10u, 0x7fa88912u, 0xc4671b39u})
    CHECK(zero.next() == expected);
  for (const uint32_t expected : {0xf53ae6ccu, 0xa63b8a07u, 0x8bdd938au, 0x88f39b5cu, 0x1262638eu})
    CHECK(one.next() == expected);
  for (const uint32_t expected : {0xc70ea776u, 0xd11c0f31u, 0x302a7e85u, 0xb619d4a3u, 0x3221da9bu})
    CHECK(other.next() == expected);
}

TEST_CASE("below: golden values, with rejected draws among them") {
  weir::random_bits ten(7);
  for (const uint32_t expected : {8u, 5u, 0u, 1u, 0u, 5u, 8u, 1u, 1u, 6u, 5u, 1u}) CHECK(ten.below(10) == expected);
  weir::random_bits wide(3);  // a quarter of the draws is rejected at this limit
  for (const uint32_t expected : {3199281525u, 561176215u, 2410073585u}) CHECK(wide.below(0xc0000000u) == expected);
}

TEST_CASE("below stays below, and the faces of a die are even") {
  for (const uint32_t limit : {1u, 2u, 3u, 255u, 256u, 1000u, 0x7fffffffu, 0x80000001u, 0xffffffffu}) {
    weir::random_bits random(limit);
    for (int i = 0; i < 2000; ++i) REQUIRE(random.below(limit) < limit);
  }
  uint32_t faces[6] = {};
  weir::random_bits die(42);
  for (int i = 0; i < 60000; ++i) ++faces[die.below(6)];
  const uint32_t expected[6] = {10067, 9887, 10048, 10038, 9933, 10027};  // chi-square 2.6 with 5 degrees of freedom
  for (int i = 0; i < 6; ++i) CHECK(faces[i] == expected[i]);
}

TEST_CASE("every bit is set half of the time") {
  uint32_t set[32] = {};
  weir::random_bits random(5);
  for (int i = 0; i < 100000; ++i) {
    const uint32_t v = random.next();
    for (int k = 0; k < 32; ++k) set[k] += (v >> k) & 1;
  }
  for (const uint32_t n : set) {
    CHECK(n >= 49705);  // 50,000 within two standard deviations, and exactly these extremes
    CHECK(n <= 50345);
  }
}

TEST_CASE("unit is uniform in [0, 1), in multiples of 2^-24") {
  weir::random_bits random(9);
  uint64_t sum = 0;
  for (int i = 0; i < 100000; ++i) {
    const float v = random.unit();
    REQUIRE(v >= 0.0f);
    REQUIRE(v < 1.0f);
    const float scaled = v * 16777216.0f;
    REQUIRE(scaled == static_cast<float>(static_cast<uint32_t>(scaled)));
    sum += static_cast<uint32_t>(scaled);
  }
  CHECK(sum == 839045135882u);  // mean 0.50011
}

TEST_CASE("scramble is a constant expression, and maps different numbers to different ones") {
  static_assert(weir::scramble(1) == 0x86d2fa73, "golden");
  static_assert(weir::scramble(0xffffffff) == 0x99b5e683, "golden");
  // Each step is invertible; a flipped bit anywhere changes about half of the result.
  for (uint32_t bit = 0; bit < 32; ++bit) {
    uint32_t changed = 0;
    for (uint32_t v = 0; v < 1000; ++v)
      for (uint32_t d = weir::scramble(v) ^ weir::scramble(v ^ (1u << bit)); d != 0; d &= d - 1) ++changed;
    CHECK(changed > 15000);
    CHECK(changed < 17000);
  }
}

TEST_CASE("fingerprints are constant expressions, and the order of facts counts") {
  static_assert(weir::mix(0, 0) == 0x64625032, "golden");
  static_assert(weir::mix(1, 2) == 0xb5e56690, "golden");
  static_assert(weir::mix(2, 1) == 0x9b0d4cf6, "golden");
  static_assert(weir::name_id("") == 0x811c9dc5, "FNV-1a");
  static_assert(weir::name_id("a") == 0xe40c292c, "FNV-1a");
  static_assert(weir::name_id("dense") == 0x81cefdb0, "golden");
  CHECK(weir::mix(weir::mix(0, 1), 2) != weir::mix(weir::mix(0, 2), 1));
}

TEST_CASE("later: counters wrap, and half of them are ahead of any other") {
  static_assert(weir::later(1, 0), "");
  static_assert(!weir::later(0, 1), "");
  static_assert(weir::later(0, 0xffff), "after 65,535 comes 0");
  static_assert(!weir::later(5, 5), "");
  for (uint32_t b : {0u, 1u, 77u, 0x7fffu, 0x8000u, 0xffffu}) {
    uint32_t ahead = 0;
    for (uint32_t a = 0; a < 0x10000; ++a) {
      const bool is_later = weir::later(static_cast<uint16_t>(a), static_cast<uint16_t>(b));
      const bool is_earlier = weir::later(static_cast<uint16_t>(b), static_cast<uint16_t>(a));
      const uint32_t distance = (a - b) & 0xffff;
      if (is_later != (distance != 0 && distance < 0x8000)) REQUIRE(a == b);
      if (distance != 0x8000) REQUIRE((distance == 0 || is_later != is_earlier));
      ahead += is_later;
    }
    CHECK(ahead == 0x7fff);
  }
}
