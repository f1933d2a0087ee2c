// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>
#include <weir/core/float_bits.hpp>

namespace {

/// binary16 by its definition, in double, which holds every step exactly.
double nearest_half(float v) {
  const double a = std::fabs(static_cast<double>(v));
  if (!(a < 65520.0)) return std::copysign(65504.0, static_cast<double>(v));
  int e = -14;
  while (e < 15 && a >= std::ldexp(1.0, e + 1)) ++e;
  const double unit = std::ldexp(1.0, e - 10);
  return std::copysign(std::nearbyint(a / unit) * unit, static_cast<double>(v));  // to nearest even
}

bool agrees(float v) {
  const float got = weir::from_float16(weir::to_float16(v));
  const double want = nearest_half(v);
  return static_cast<double>(got) == want && std::signbit(got) == std::signbit(want);
}

}  // namespace

TEST_CASE("float16: every finite pattern comes back as it was") {
  uint32_t wrong = 0;
  for (uint32_t h = 0; h < 0x10000; ++h) {
    if ((h & 0x7c00) == 0x7c00) continue;  // infinities and NaN: below
    if (weir::to_float16(weir::from_float16(static_cast<uint16_t>(h))) != h) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("float16: known values") {
  CHECK(weir::to_float16(1.0f) == 0x3c00);
  CHECK(weir::to_float16(-2.0f) == 0xc000);
  CHECK(weir::to_float16(65504.0f) == 0x7bff);
  CHECK(weir::to_float16(0.1f) == 0x2e66);
  CHECK(weir::to_float16(5.9604645e-8f) == 0x0001);  // 2^-24
  CHECK(weir::to_float16(6.1035156e-5f) == 0x0400);  // 2^-14
  CHECK(weir::to_float16(-0.0f) == 0x8000);
  CHECK(weir::from_float16(0x3555) == 0.333251953125f);
  CHECK(std::isinf(weir::from_float16(0x7c00)));
  CHECK(weir::from_float16(0xfc00) < 0);
  CHECK(std::isnan(weir::from_float16(0x7e00)));
}

TEST_CASE("float16 rounds to nearest even: at, below and above every midpoint") {
  uint32_t wrong = 0;
  for (uint32_t h = 0; h < 0x7bff; ++h) {
    const float low = weir::from_float16(static_cast<uint16_t>(h));
    const float high = weir::from_float16(static_cast<uint16_t>(h + 1));
    const float middle = low + (high - low) / 2;
    for (const float v : {low, middle, std::nextafterf(middle, 0.0f), std::nextafterf(middle, 1e9f), high}) {
      if (!agrees(v)) ++wrong;
      if (!agrees(-v)) ++wrong;
    }
    const uint16_t even = static_cast<uint16_t>((h & 1) != 0 ? h + 1 : h);
    if (weir::to_float16(middle) != even) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("float16 agrees with its definition on random floats of all sizes") {
  std::mt19937 rng{11};
  uint32_t wrong = 0;
  for (int i = 0; i < 300000; ++i) {
    const float v = weir::float_of_bits(static_cast<uint32_t>(rng()));
    if (weir::is_finite(v) && !agrees(v)) ++wrong;
    const float w = std::ldexp(static_cast<float>(rng()) / 4294967296.0f, static_cast<int>(rng() % 45) - 27);
    if (!agrees(w)) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("float16 saturates to the largest number, never to infinity") {
  CHECK(weir::to_float16(65519.99f) == 0x7bff);
  CHECK(weir::to_float16(65520.0f) == 0x7bff);
  CHECK(weir::to_float16(3.0e38f) == 0x7bff);
  CHECK(weir::to_float16(-3.0e38f) == 0xfbff);
  CHECK(weir::to_float16(std::numeric_limits<float>::infinity()) == 0x7bff);
}

TEST_CASE("bfloat16: every pattern comes back, and rounding is towards zero") {
  uint32_t wrong = 0;
  for (uint32_t h = 0; h < 0x10000; ++h)
    if (weir::to_bfloat16(weir::from_bfloat16(static_cast<uint16_t>(h))) != h) ++wrong;
  CHECK(wrong == 0);
  CHECK(weir::to_bfloat16(1.25f) == 0x3fa0);

  std::mt19937 rng{12};
  for (int i = 0; i < 100000; ++i) {
    const float v = weir::float_of_bits(static_cast<uint32_t>(rng()));
    if (!weir::is_finite(v)) continue;
    const float got = weir::from_bfloat16(weir::to_bfloat16(v));
    if (!(std::fabs(got) <= std::fabs(v)) || std::signbit(got) != std::signbit(v)) ++wrong;
    if (std::fabs(v) > 1e-30f && std::fabs(v - got) >= std::fabs(v) / 128) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("is_finite") {
  CHECK(weir::is_finite(0.0f));
  CHECK(weir::is_finite(std::numeric_limits<float>::max()));
  CHECK(weir::is_finite(std::numeric_limits<float>::denorm_min()));
  CHECK_FALSE(weir::is_finite(std::numeric_limits<float>::infinity()));
  CHECK_FALSE(weir::is_finite(-std::numeric_limits<float>::infinity()));
  CHECK_FALSE(weir::is_finite(std::numeric_limits<float>::quiet_NaN()));
}

TEST_CASE("rough_log2 is within a hundredth, over twenty decades") {
  for (double v = 1e-10; v < 1e10; v *= 1.0137)
    REQUIRE(std::fabs(static_cast<double>(weir::rough_log2(static_cast<float>(v))) - std::log2(v)) < 0.0101);
  CHECK(weir::rough_log2(1.0f) == 0.0f);
  CHECK(weir::rough_log2(0.25f) == -2.0f);
}
