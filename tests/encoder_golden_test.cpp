// SPDX-License-Identifier: MIT
// Bodies written by hand: the wire format, to the bit, for every implementation to come.
//
// Unless said otherwise: 10 cells, 2 hits expected. The Rice parameter is the smallest l with 2^l >= 0.48 (10 / 2 - 1 / 2),
// which is 2.2, in integers 4 / 2: l = 1. A gap g is g / 2 ones, a zero, and g % 2. The first bit is bit 0 of the first byte.
#include "support/encoding.hpp"

using namespace test_support;

namespace {

typedef std::vector<uint8_t> body;
typedef weir::number<weir::fixed16<12>> n16;
typedef weir::fixed16<18> cell;

/// A float residual with some cells set.
std::vector<float> floats(const coordinates<float>& set, size_t n = 10) {
  std::vector<float> r(n, 0.0f);
  for (const auto& c : set) r[c.first] = c.second;
  return r;
}
/// The same in fixed point, raw: units of 2^-18, 64 to a weight unit.
std::vector<cell> fixed(const coordinates<int>& set) {
  std::vector<cell> r(10, cell::from_raw(0));
  for (const auto& c : set) r[c.first] = cell::from_raw(static_cast<int16_t>(c.second));
  return r;
}

template <class Encoder>
body write(std::vector<float>& residual, const weir::encode_request& request) {
  typename Encoder::state state = {};
  return encode<Encoder>(state, weir::worker_grid<weir::number<float>>::make(), residual, request, 64).body;
}
template <class Encoder>
body write(std::vector<cell>& residual, const weir::encode_request& request) {
  typename Encoder::state state = {};
  return encode<Encoder>(state, weir::worker_grid<n16>::make(), residual, request, 64).body;
}

}  // namespace

TEST_CASE("ternary, float") {
  std::vector<float> r = floats({{3, 1.5f}, {4, -1.25f}, {7, 0.9f}});
  // 01     l = 1, no start
  // a0 3f  1.25 Wt, as the upper half of the float 0x3fa00000
  // c5     gap 3: 1 0 1, plus: 0; gap 0: 0 0, minus: 1; padding: 1    ->  1100 0101 from the last bit to the first
  CHECK(write<weir::ternary>(r, {1.0f, 10, 0, 2}) == body{0x01, 0xa0, 0x3f, 0xc5});
  CHECK(r == floats({{3, 0.25f}, {7, 0.9f}}));  // -1.25 + 1.25 is 0
}

TEST_CASE("ternary, float, from cell 6 on and around") {
  std::vector<float> r = floats({{8, 1.25f}, {1, -1.25f}});
  // 21 06  l = 1, a start follows: 6
  // 91     cells 8 and 1 are offsets 2 and 5: gap 2: 1 0 0, plus: 0; gap 2: 1 0 0, minus: 1; no padding
  CHECK(write<weir::ternary>(r, {1.0f, 10, 6, 2}) == body{0x21, 0x06, 0xa0, 0x3f, 0x91});
  CHECK(decode<weir::ternary, float>({0x21, 0x06, 0xa0, 0x3f, 0x91}, 10) ==
        coordinates<float>{{8, 1.25f}, {1, -1.25f}});
}

TEST_CASE("ternary and strom, fixed point") {
  std::vector<cell> r = fixed({{3, 20480}, {4, -16384}, {9, 16383}});
  // Wt = 2^-4 is 256 weight units, 1.25 Wt is 320 = 0x0140; bits as above.
  CHECK(write<weir::ternary>(r, {0.0625f, 10, 0, 2}) == body{0x01, 0x40, 0x01, 0xc5});
  CHECK(r == fixed({{4, -16384 + 20480}, {9, 16383}}));

  r = fixed({{3, 20480}, {4, -16384}, {9, 16383}});
  CHECK(write<weir::strom>(r, {0.0625f, 10, 0, 2}) == body{0x01, 0x00, 0x01, 0xc5});
  CHECK(r == fixed({{3, 20480 - 16384}, {9, 16383}}));
}

TEST_CASE("an escaped gap: twenty ones, then the gap as a number of as many bits as an index needs") {
  std::vector<float> r = floats({{25, 1.25f}}, 100);
  // 100 cells and 100 hits expected: l = 0. Gap 25 would be 25 ones: 20 ones, 25 in 7 bits: 1 0 0 1 1 0 0, plus: 0,
  // padding: 1 1 1 1                                                    ->  ff ff, f | 1001 -> 9f, 1111 0001 -> f1
  CHECK(write<weir::ternary>(r, {1.0f, 100, 0, 100}) == body{0x00, 0xa0, 0x3f, 0xff, 0xff, 0x9f, 0xf1});
  CHECK(decode<weir::ternary, float>({0x00, 0xa0, 0x3f, 0xff, 0xff, 0x9f, 0xf1}, 100) ==
        coordinates<float>{{25, 1.25f}});
}

TEST_CASE("sparse32") {
  std::vector<float> r = floats({{3, 1.5f}, {5, 0.5f}});
  // Gap 3: 1 0 1; then 0x3fc00000, three bits up: 0x1fe000000; five ones.
  CHECK(write<weir::sparse32>(r, {1.0f, 10, 0, 2}) == body{0x01, 0x05, 0x00, 0x00, 0xfe, 0xf9});
  CHECK(r == floats({{5, 0.5f}}));

  std::vector<cell> q = fixed({{3, -202}, {5, 63}});
  // Three whole units of 64: -3 is 0xfffffffd, three bits up: 0x7ffffffe8.
  CHECK(write<weir::sparse32>(q, {1.0f / 4096, 10, 0, 2}) == body{0x01, 0xed, 0xff, 0xff, 0xff, 0xff});
  CHECK(q == fixed({{3, -202 + 192}, {5, 63}}));
}

TEST_CASE("sparse16") {
  std::vector<float> r = floats({{3, 1.50048828125f}});  // 1.5 + 2^-11
  // 1.5 is 0x3e00 in half precision, three bits up: 0x1f000; five ones.
  CHECK(write<weir::sparse16>(r, {1.0f, 10, 0, 2}) == body{0x01, 0x05, 0xf0, 0xf9});
  CHECK(r == floats({{3, 1.0f / 2048}}));  // what rounding leaves

  std::vector<cell> q = fixed({{3, 300 * 64 + 5}});
  CHECK(write<weir::sparse16>(q, {1.0f / 4096, 10, 0, 2}) ==
        body{0x01, 0x65, 0x09, 0xf8});  // 300 = 0x012c, three up: 0x0960
  CHECK(q == fixed({{3, 5}}));
}

TEST_CASE("dense32: a run of values behind the index of its first cell") {
  std::vector<float> r = floats({{8, 1.5f}, {9, 0.1f}, {0, -2.0f}, {2, 0.5f}});
  const body golden = {0x08, 0x00, 0x00, 0xc0, 0x3f, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xc0};
  CHECK(write<weir::dense32>(r, {1.0f, 10, 8, 2}) == golden);
  CHECK(r == floats({{9, 0.1f}, {2, 0.5f}}));
  CHECK(decode<weir::dense32, float>(golden, 10) == coordinates<float>{{8, 1.5f}, {9, 0.0f}, {0, -2.0f}});

  std::vector<cell> q = fixed({{0, 130}, {1, -64}});
  CHECK(write<weir::dense32>(q, {0.0f, 10, 0, 2}).size() == 1 + 40);  // Wt = 0: all of it
  CHECK(q == fixed({{0, 2}}));
}

TEST_CASE("a start above 127 takes two bytes") {
  std::vector<float> r(300, 0.0f);
  r[200] = 1.25f;
  // 300 cells, 144 expected: 0.48 (300 / 144 - 1 / 2) is below 1, l = 0; start 200 = c8 01; gap 0: 0, plus: 0, padding.
  CHECK(write<weir::ternary>(r, {1.0f, 300, 200, 144}) == body{0x20, 0xc8, 0x01, 0xa0, 0x3f, 0xfc});
}
