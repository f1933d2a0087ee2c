// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>
#include <weir/core/fixed.hpp>

namespace {

int64_t clamp(int64_t v, int64_t most) { return v > most ? most : v < -most ? -most : v; }

/// floor(v / 2^shift + 1/2), by division: nothing is shifted, so nothing is taken from the code under test.
int64_t divide_rounding(int64_t v, int shift) {
  const int64_t d = int64_t{1} << shift;
  const int64_t doubled = 2 * v + d;
  const int64_t q = doubled / (2 * d);
  return doubled % (2 * d) < 0 ? q - 1 : q;
}

template <class Fixed>
uint32_t wrong_pairs() {
  const int64_t most = 127;
  uint32_t wrong = 0;
  for (int a = -127; a <= 127; ++a)
    for (int b = -127; b <= 127; ++b) {
      const Fixed x = Fixed::from_raw(static_cast<int8_t>(a)), y = Fixed::from_raw(static_cast<int8_t>(b));
      if ((x + y).raw != clamp(a + b, most)) ++wrong;
      if ((x - y).raw != clamp(a - b, most)) ++wrong;
      if ((x * y).raw != clamp(divide_rounding(a * b, Fixed::fraction()), most)) ++wrong;
      if ((x == y) != (a == b) || (x != y) != (a != b) || (x < y) != (a < b)) ++wrong;
    }
  return wrong;
}

}  // namespace

TEST_CASE("8 bits: all pairs under + - * and comparison, in five formats") {
  CHECK(wrong_pairs<weir::fixed8<0>>() == 0);
  CHECK(wrong_pairs<weir::fixed8<1>>() == 0);
  CHECK(wrong_pairs<weir::fixed8<4>>() == 0);
  CHECK(wrong_pairs<weir::fixed8<7>>() == 0);
  CHECK(wrong_pairs<weir::fixed8<9>>() == 0);
}

TEST_CASE_TEMPLATE("16 and 32 bits: random pairs and the ends of the range", Fixed, weir::fixed16<0>, weir::fixed16<12>,
                   weir::fixed16<18>, weir::fixed<int32_t, 20>, weir::fixed<int32_t, 0>) {
  typedef typename Fixed::rep rep;
  const int64_t most = std::numeric_limits<rep>::max();
  std::mt19937 rng{1};
  uint32_t wrong = 0;
  for (int i = 0; i < 50000; ++i) {
    const auto draw = [&]() -> int64_t {
      const uint32_t kind = rng() % 8;
      if (kind == 0) return most;
      if (kind == 1) return -most;
      const int64_t v = static_cast<int64_t>(rng()) - (int64_t{1} << 31);
      return clamp(v >> (rng() % 32), most);
    };
    const int64_t a = draw(), b = draw();
    const Fixed x = Fixed::from_raw(static_cast<rep>(a)), y = Fixed::from_raw(static_cast<rep>(b));
    if ((x + y).raw != clamp(a + b, most)) ++wrong;
    if ((x - y).raw != clamp(a - b, most)) ++wrong;
    if ((-x).raw != -a) ++wrong;
    if ((x * y).raw != clamp(divide_rounding(a * b, Fixed::fraction()), most)) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("from a float: the nearest number, saturating, and nothing from what is no number") {
  typedef weir::fixed16<12> q;
  CHECK(q(1.0f).raw == 4096);
  CHECK(q(-1.0f).raw == -4096);
  CHECK(q(0.00013f).raw == 1);  // 0.53 units
  CHECK(q(0.00011f).raw == 0);
  CHECK(q(-0.00013f).raw == -1);
  CHECK(q(8.0f).raw == 32767);
  CHECK(q(-8.0f).raw == -32767);  // symmetric
  CHECK(q(1e30f).raw == 32767);
  CHECK(q(-std::numeric_limits<float>::infinity()).raw == -32767);
  CHECK(q(std::numeric_limits<float>::quiet_NaN()).raw == 0);
  CHECK(weir::fixed<int32_t, 0>(3e9f).raw == 2147483647);
  CHECK(weir::fixed<int32_t, 0>(-3e9f).raw == -2147483647);

  uint32_t wrong = 0;
  for (int raw = -32767; raw <= 32767; ++raw)  // exact both ways
    if (q(static_cast<float>(q::from_raw(static_cast<int16_t>(raw)))).raw != raw) ++wrong;
  CHECK(wrong == 0);
  CHECK(weir::to_float(q::from_raw(-2048)) == -0.5f);
}

TEST_CASE("saturate and round_shift") {
  CHECK(weir::saturate<int16_t>(int32_t{40000}) == 32767);
  CHECK(weir::saturate<int16_t>(int32_t{-40000}) == -32767);
  CHECK(weir::saturate<int16_t>(int32_t{-32768}) == -32767);
  CHECK(weir::saturate<int8_t>(int64_t{-5}) == -5);
  CHECK(weir::saturate<int32_t>(int64_t{1} << 40) == 2147483647);
  for (int64_t v = -70; v <= 70; ++v)
    for (uint8_t shift = 0; shift < 9; ++shift) CHECK(weir::round_shift(v, shift) == divide_rounding(v, shift));
  CHECK(weir::round_shift<int64_t>(int64_t{1} << 61, 62) == 1);  // one half, upwards
  CHECK(weir::round_shift<int32_t>(-3, 1) == -1);                // halves go up
}

TEST_CASE("fixed has no hidden state, and arrays of it are all-zero storage") {
  static_assert(sizeof(weir::fixed8<4>) == 1 && sizeof(weir::fixed16<12>) == 2, "the raw number is all there is");
  static_assert(std::is_trivial<weir::fixed16<12>>::value, "nothing runs before main");
  CHECK(weir::fixed16<12>().raw == 0);
}

TEST_CASE("a scale is the factor to 15 significant bits, over the whole range it promises") {
  std::mt19937 rng{2};
  uint32_t wrong = 0;
  for (int i = 0; i < 200000; ++i) {
    const int e = static_cast<int>(rng() % 165) - 84;  // 2^-84 to 2^80
    const float v = std::ldexp(1.0f + static_cast<float>(rng() >> 9) / 8388608.0f, e) * ((i & 1) != 0 ? -1.0f : 1.0f);
    const weir::fixed_scale s = weir::fixed_scale::of(v);
    const long double got = std::ldexp(static_cast<long double>(s.mantissa), -s.exponent);
    if (std::fabs(got - static_cast<long double>(v)) > std::ldexp(std::fabs(static_cast<long double>(v)), -15)) ++wrong;
    if (std::abs(s.mantissa) < 0x4000) ++wrong;  // all 15 bits are used
  }
  CHECK(wrong == 0);
  CHECK(weir::fixed_scale::of(1.0f).mantissa == 0x4000);
  CHECK(weir::fixed_scale::of(1.0f).exponent == 14);
  CHECK(weir::fixed_scale::of(-0.5f).mantissa == -0x4000);
  CHECK(weir::fixed_scale::of(-0.5f).exponent == 15);
  CHECK(weir::fixed_scale::of(0.99999f).mantissa == 0x4000);  // rounds up into the next power of two
  CHECK(weir::fixed_scale::of(0.99999f).exponent == 14);
}

TEST_CASE("a scale from what is too small, or no number, is zero") {
  for (const float v :
       {0.0f, -0.0f, 1e-40f, 1e-26f, std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()})
    CHECK(weir::fixed_scale::of(v).mantissa == 0);
  CHECK(weir::row_factor<int16_t>(weir::fixed_scale::of(0.0f), 0, 30).of(int16_t{32767}) == 0);
}

namespace {

template <class Row>
void check_row_factor() {
  const int bits = 8 * static_cast<int>(sizeof(Row));
  const int32_t most_of_row = weir::raw_range<Row>::highest();
  std::mt19937 rng{3};
  uint32_t wrong = 0, clamped = 0;
  for (int i = 0; i < 300000; ++i) {
    const float v = std::ldexp(1.0f + static_cast<float>(rng() >> 9) / 8388608.0f, static_cast<int>(rng() % 70) - 50);
    const weir::fixed_scale s = weir::fixed_scale::of((i & 1) != 0 ? -v : v);
    const Row raw =
        static_cast<Row>(static_cast<int32_t>(rng() % static_cast<uint32_t>(2 * most_of_row + 1)) - most_of_row);
    const int8_t from = static_cast<int8_t>(rng() % 20), to = static_cast<int8_t>(rng() % 20);
    const weir::row_factor<Row> factor(s, from, to);
    const double exact = std::ldexp(static_cast<double>(s.mantissa), to - from - s.exponent);
    if (factor.clamped) {
      if (std::fabs(factor.units) != 0x7fffff || std::fabs(exact) < std::ldexp(8388607.0, -bits)) ++wrong;
      ++clamped;
      continue;
    }
    // Half a cell for the product, a quarter for the factor.
    if (std::fabs(factor.of(raw) - exact * raw) > 0.75) ++wrong;
    if (factor.of(raw) != std::floor(std::ldexp(static_cast<double>(factor.units) * raw, -bits) + 0.5)) ++wrong;
  }
  CHECK(wrong == 0);
  CHECK(clamped > 100);  // the range was reached
}

}  // namespace

TEST_CASE("a row factor is exact up to three quarters of a cell, and tells when it is beyond its range") {
  check_row_factor<int8_t>();
  check_row_factor<int16_t>();
}

TEST_CASE("a scale times a number is a scale, to 15 bits") {
  typedef weir::fixed16<12> q;
  std::mt19937 rng{4};
  uint32_t wrong = 0;
  for (int i = 0; i < 100000; ++i) {
    const float v = std::ldexp(1.0f + static_cast<float>(rng() >> 9) / 8388608.0f, static_cast<int>(rng() % 40) - 30);
    const weir::fixed_scale s = weir::fixed_scale::of(v);
    const q x = q::from_raw(static_cast<int16_t>(static_cast<int32_t>(rng() % 65535) - 32767));
    const weir::fixed_scale p = s.times(x);
    const long double exact = std::ldexp(static_cast<long double>(s.mantissa) * x.raw, -(s.exponent + 12));
    const long double got = std::ldexp(static_cast<long double>(p.mantissa), -p.exponent);
    if (std::fabs(got - exact) > std::ldexp(std::fabs(exact), -14)) ++wrong;  // half a unit of at least 14 bits
  }
  CHECK(wrong == 0);
  CHECK(weir::row_factor<int16_t>(weir::fixed_scale::of(2.0f).times(q(0.5f)), 12, 12).of(int16_t{1000}) == 1000);
  CHECK(weir::fixed_scale::of(2.0f).times(q::from_raw(0)).mantissa == 0);
}
