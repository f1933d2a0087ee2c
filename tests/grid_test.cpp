// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <initializer_list>
#include <limits>
#include <random>
#include <weir/core/grid.hpp>
#include <weir/core/wire_value.hpp>

namespace {

typedef weir::number<weir::fixed16<12>> n12;
typedef weir::worker_grid<n12> w12;

template <class Grid>
void check_conversions(Grid grid, int64_t divisor, int64_t most_cell) {
  typedef typename Grid::cell cell;
  typedef typename cell::rep rep;
  std::mt19937 rng{1};
  uint32_t wrong = 0;
  for (int i = 0; i < 20000; ++i) {
    const int64_t raw = (static_cast<int64_t>(rng()) - (int64_t{1} << 31)) >> (rng() % 24);
    if (raw > most_cell || raw < -most_cell) continue;
    cell c = cell::from_raw(static_cast<rep>(raw));
    const int32_t units = grid.whole(c);
    if (units != raw / divisor) ++wrong;  // towards zero: what is left keeps its sign
    if (grid.cells(units) != units * divisor) ++wrong;
    Grid::take(c, grid.cells(units));
    if (c.raw != raw - units * divisor || c.raw * raw < 0) ++wrong;
  }
  CHECK(wrong == 0);
}

}  // namespace

TEST_CASE("number: what a fixed-point fleet is made of") {
  static_assert(weir::is_same<n12::weight, weir::fixed16<12>>::value, "");
  static_assert(weir::is_same<n12::residual, weir::fixed16<18>>::value, "64 times finer unless said otherwise");
  static_assert(weir::is_same<n12::scale, weir::fixed_scale>::value, "");
  static_assert(weir::is_same<n12::value, int32_t>::value, "integer frames");
  static_assert(n12::unit() == 13 && weir::number<float>::unit() == 0, "the unit is part of the fingerprint");
  static_assert(n12::weight_bytes() == 2 && weir::number<float>::weight_bytes() == 4, "");
  typedef weir::number<weir::numbers<weir::fixed8<5>, weir::fixed<int32_t, 20>>> own;
  static_assert(weir::is_same<own::residual, weir::fixed<int32_t, 20>>::value, "");
  static_assert(own::weight_bytes() == 1, "");
}

TEST_CASE("subtract, magnitude, is_negative, times, make_scale") {
  float w = 1.0f;
  weir::subtract(w, 0.25f);
  CHECK(w == 0.75f);
  weir::fixed16<12> q = weir::fixed16<12>::from_raw(-32000);
  weir::subtract(q, 700);
  CHECK(q.raw == -32700);
  weir::subtract(q, 700);
  CHECK(q.raw == -32767);
  weir::subtract(q, -2147483647);
  CHECK(q.raw == 32767);
  CHECK(weir::magnitude(-2.5f) == 2.5f);
  CHECK(weir::magnitude(weir::fixed16<12>::from_raw(-7)).raw == 7);
  CHECK(weir::is_negative(-0.5f));
  CHECK_FALSE(weir::is_negative(weir::fixed16<12>::from_raw(0)));
  CHECK(weir::times(0.5f, 3.0f) == 1.5f);
  const weir::fixed_scale s = weir::times(weir::make_scale<weir::fixed_scale>(0.5f), weir::fixed16<12>(3.0f));
  CHECK(weir::row_factor<int16_t>(s, 0, 0).of(int16_t{100}) == 150);
  CHECK(weir::make_scale<float>(0.125f) == 0.125f);
}

namespace {

template <class Grid>
float sum_units(const Grid& grid, std::initializer_list<typename Grid::cell> cells) {
  typename Grid::sum sum = 0;
  for (const typename Grid::cell c : cells) Grid::add_magnitude(sum, c);
  return grid.sum_units(sum);
}

}  // namespace

TEST_CASE("the float worker's grid is one to one") {
  const auto grid = weir::worker_grid<weir::number<float>>::make();
  CHECK(grid.threshold(0.5f) == 0.5f);
  CHECK(grid.whole(-3.25f) == -3.25f);
  CHECK(grid.cells(1.5f) == 1.5f);
  CHECK(sum_units(grid, {-2.0f, 1.0f}) == 3.0f);
  CHECK(grid.magnitude_of(1.25f) == 1.25f);
  CHECK(grid.magnitude_of(1.2549f) == 1.25f);  // 8 significant bits, towards zero
}

TEST_CASE("the fixed-point worker's grid: 64 cells' units to a weight unit") {
  const auto grid = w12::make();
  CHECK(grid.threshold(0.0625f).raw == 16384);  // 2^-4 in units of 2^-18
  CHECK(grid.threshold(1e-9f).raw == 64);       // less than one unit cannot be sent
  CHECK(grid.threshold(0.0f).raw == 0);
  CHECK(grid.threshold(3.0e38f).raw == 32767);
  CHECK(grid.threshold(std::numeric_limits<float>::infinity()).raw == 32767);
  CHECK(sum_units(grid, {weir::fixed16<18>::from_raw(-16384), weir::fixed16<18>::from_raw(8192)}) == 0.09375f);
  CHECK(grid.weight_units_of(256) == 0.0625f);
  CHECK(grid.magnitude_of(0.0625f) == 256);
  CHECK(grid.magnitude_of(0.0f) == 1);
  CHECK(grid.magnitude_of(std::numeric_limits<float>::quiet_NaN()) == 1);
  CHECK(grid.magnitude_of(1e30f) == 511);  // 32767 / 64: what a cell can hold
  check_conversions(grid, 64, 32767);
}

TEST_CASE("the coordinator's grid holds sums: ranks cells' units to a weight unit") {
  const auto grid = weir::aggregate_grid(weir::fixed16<12>(), 3);
  CHECK(grid.threshold(0.0625f).raw == 768);
  CHECK(grid.magnitude_of(0.0625f) == 256);
  CHECK(grid.magnitude_of(1e30f) == 65535);  // what 16 bits of a frame can say
  check_conversions(grid, 3, 2147483647);
  check_conversions(weir::aggregate_grid(weir::fixed16<12>(), 1), 1, 2147483647);
  check_conversions(weir::aggregate_grid(weir::fixed16<12>(), 65536), 65536, 2147483647);

  const auto floats = weir::aggregate_grid(0.0f, 4);
  CHECK(floats.threshold(0.5f) == 2.0f);
  CHECK(floats.whole(-3.0f) == -0.75f);
  CHECK(floats.cells(0.5f) == 2.0f);
  CHECK(sum_units(floats, {-2.0f, 1.0f}) == 0.75f);
}

TEST_CASE("add_value: exact, and says when it had to saturate") {
  weir::fixed<int32_t, 0> cell = weir::fixed<int32_t, 0>::from_raw(5);
  CHECK(weir::add_value(cell, -3, 7));
  CHECK(cell.raw == -16);
  CHECK(weir::add_value(cell, 2147483647, 1));
  CHECK(cell.raw == 2147483631);
  CHECK_FALSE(weir::add_value(cell, 17, 1));
  CHECK(cell.raw == 2147483647);
  CHECK_FALSE(weir::add_value(cell, -2147483647, 65535));
  CHECK(cell.raw == -2147483647);
  float sum = 1.0f;
  CHECK(weir::add_value(sum, 0.5f, 3));
  CHECK(sum == 2.5f);
}

TEST_CASE("wire values: bits and back, and what no sender writes is refused") {
  typedef weir::wire_value<float> f;
  typedef weir::wire_value<int32_t> i;
  CHECK(f::to32(1.5f) == 0x3fc00000);
  CHECK(f::from32(0xbfc00000) == -1.5f);
  CHECK(f::narrow16(1.0f + 1.0f / 4096) == 1.0f);
  CHECK(f::to16(1.5f) == 0x3e00);
  CHECK_FALSE(f::sane(f::from32(0x7f800000)));
  CHECK_FALSE(f::sane(f::from32(0x7fc00000)));
  CHECK_FALSE(f::sane(f::from16(0x7c00)));
  CHECK_FALSE(f::sane(f::from_magnitude(0x7f80)));
  CHECK(f::sane(-3.0e38f));
  for (const int32_t v : {0, 1, -1, 32767, -32767, 2147483647, -2147483647}) CHECK(i::from32(i::to32(v)) == v);
  for (const int32_t v : {0, 1, -1, 32767, -32767}) CHECK(i::from16(i::to16(v)) == v);
  CHECK(i::narrow16(40000) == 32767);
  CHECK(i::narrow16(-40000) == -32767);
  CHECK(i::from_magnitude(i::to_magnitude(65535)) == 65535);
  CHECK_FALSE(i::sane(INT32_MIN));  // has no negative
}
