// SPDX-License-Identifier: MIT
#include "support/bits_kinds.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>
#include <weir/core/bits.hpp>

using test_support::bits32;
using test_support::bits64;
using test_support::bits8;

namespace {

struct field {
  uint32_t value;
  uint8_t count;
};

std::vector<field> random_fields(uint32_t seed) {
  std::mt19937 rng{seed};
  std::vector<field> fields(rng() % 60);
  for (field& f : fields) {
    f.count = static_cast<uint8_t>(rng() % 25);
    f.value = static_cast<uint32_t>(rng()) & ((uint32_t{1} << f.count) - 1);
  }
  return fields;
}

size_t total_bits(const std::vector<field>& fields) {
  size_t bits = 0;
  for (const field& f : fields) bits += f.count;
  return bits;
}

}  // namespace

TEST_CASE_TEMPLATE("the first bit is bit 0 of the first byte, and ones fill the last byte", Bits, bits8, bits32,
                   bits64) {
  uint8_t out[3] = {0, 0, 0xaa};
  typename Bits::writer w((weir::bytes(out)));
  w.put(1, 1);     // ........ .......1
  w.put(0, 2);     // ........ .....00.
  w.put(0x3f, 6);  // .......1 11111...
  CHECK(w.finish() == out + 2);
  CHECK(out[0] == 0xf9);
  CHECK(out[1] == 0xff);
  CHECK(out[2] == 0xaa);
}

TEST_CASE_TEMPLATE("a stream that ends with a byte has no padding", Bits, bits8, bits32, bits64) {
  uint8_t out[2] = {0, 0xaa};
  typename Bits::writer w((weir::bytes(out)));
  w.put(0x5a, 8);
  CHECK(w.finish() == out + 1);
  CHECK(out[0] == 0x5a);
  CHECK(out[1] == 0xaa);
}

TEST_CASE_TEMPLATE("random sequences come back, the reader knows what is left, and the padding is ones", Bits, bits8,
                   bits32, bits64) {
  for (uint32_t seed = 0; seed < 500; ++seed) {
    CAPTURE(seed);
    const std::vector<field> fields = random_fields(seed);
    const size_t bits = total_bits(fields), size = (bits + 7) / 8;
    std::vector<uint8_t> out(size + 1, 0xaa);
    typename Bits::writer w(weir::bytes(out.data(), size));
    size_t room = size * 8;
    for (const field& f : fields) {
      CHECK(w.room() == room);
      w.put(f.value, f.count);
      room -= f.count;
    }
    CHECK(w.finish() == out.data() + size);
    CHECK(out[size] == 0xaa);

    typename Bits::reader r(weir::const_bytes(out.data(), size));
    size_t left = size * 8;
    for (const field& f : fields) {
      CHECK(r.left() == left);
      CHECK(r.get(f.count) == f.value);
      left -= f.count;
      CHECK_FALSE(r.over());
    }
    CHECK(r.left() == size * 8 - bits);
    CHECK(r.only_padding());
  }
}

TEST_CASE_TEMPLATE("only fewer than eight ones are padding", Bits, bits8, bits32, bits64) {
  for (uint32_t v = 0; v < 0x10000; ++v) {
    const uint8_t two[2] = {static_cast<uint8_t>(v), static_cast<uint8_t>(v >> 8)};
    typename Bits::reader r((weir::const_bytes(two, 2)));
    for (uint32_t taken = 0; taken <= 16; ++taken) {
      const uint32_t left = 16 - taken, rest = v >> taken;
      const bool expected = left < 8 && rest == (uint32_t{1} << left) - 1;
      if (r.only_padding() != expected) {
        CAPTURE(v);
        CAPTURE(taken);
        REQUIRE(r.only_padding() == expected);
      }
      if (taken < 16) r.get(1);
    }
  }
}

TEST_CASE_TEMPLATE("past the end there are only ones, for as long as anybody reads, and the reader tells", Bits, bits8,
                   bits32, bits64) {
  const uint8_t one[1] = {0x00};
  typename Bits::reader r((weir::const_bytes(one, 1)));
  CHECK(r.get(4) == 0);
  CHECK_FALSE(r.over());
  CHECK(r.get(4) == 0);
  CHECK_FALSE(r.over());
  CHECK(r.left() == 0);
  CHECK(r.get(1) == 1);
  CHECK(r.over());
  for (uint32_t i = 0; i < 20000; ++i) {  // more bits than the counter counts
    REQUIRE(r.get(24) == 0xffffff);
    REQUIRE(r.over());
    REQUIRE(r.left() == 0);
  }

  typename Bits::reader nothing((weir::const_bytes()));
  CHECK(nothing.left() == 0);
  CHECK(nothing.only_padding());
  CHECK_FALSE(nothing.over());
  CHECK(nothing.get_unary(20) == 20);
  CHECK(nothing.over());
}

TEST_CASE_TEMPLATE("a read that begins inside and ends outside is over", Bits, bits8, bits32, bits64) {
  const uint8_t one[1] = {0x35};
  typename Bits::reader r((weir::const_bytes(one, 1)));
  CHECK(r.get(12) == 0xf35);
  CHECK(r.over());
}

TEST_CASE_TEMPLATE("unary: ones before the next zero, at most the limit, wherever in a byte they begin", Bits, bits8,
                   bits32, bits64) {
  for (const uint8_t limit : {uint8_t{1}, uint8_t{7}, uint8_t{20}, uint8_t{24}})
    for (uint8_t before = 0; before < 8; ++before)
      for (uint8_t ones = 0; ones <= 40; ++ones) {
        CAPTURE(int{limit});
        CAPTURE(int{before});
        CAPTURE(int{ones});
        uint8_t out[8] = {};
        typename Bits::writer w((weir::bytes(out)));
        w.put(0, before);
        for (uint8_t i = 0; i < ones; ++i) w.put(1, 1);
        w.put(0, 1);
        w.put(0x2d, 6);
        w.finish();

        typename Bits::reader r((weir::const_bytes(out, 8)));
        r.get(before);
        REQUIRE(r.get_unary(limit) == std::min(ones, limit));
        if (ones < limit) REQUIRE(r.get(6) == 0x2d);       // the zero has gone, and no more
        if (ones == limit) REQUIRE(r.get(7) == 0x2d * 2);  // the zero is still there
        if (ones > limit) REQUIRE(r.get(1) == 1);
      }
}
