// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>
#include <weir/core/bytes.hpp>

namespace {

std::vector<uint8_t> varint(uint32_t v) {
  std::vector<uint8_t> out(5);
  weir::byte_writer w(weir::bytes(out.data(), out.size()));
  w.put_varint(v);
  CHECK(w.ok());
  out.resize(w.size());
  return out;
}

/// What get_varint makes of bytes that must be used up; -1 if it refuses them.
int64_t read_varint(const std::vector<uint8_t>& from) {
  weir::byte_reader r(weir::const_bytes(from.data(), from.size()));
  const uint32_t v = r.get_varint();
  return r.ok() && r.rest().empty() ? static_cast<int64_t>(v) : -1;
}

}  // namespace

TEST_CASE("numbers are little-endian, whatever the machine is") {
  uint8_t out[7] = {};
  weir::byte_writer w((weir::bytes(out)));
  w.put8(0x01);
  w.put16(0x0302);
  w.put32(0x07060504);
  CHECK(w.ok());
  CHECK(w.size() == 7);
  CHECK(w.rest().empty());
  for (uint8_t i = 0; i < 7; ++i) CHECK(out[i] == i + 1);

  weir::byte_reader r((weir::const_bytes(out, 7)));
  CHECK(r.get8() == 0x01);
  CHECK(r.get16() == 0x0302);
  CHECK(r.get32() == 0x07060504);
  CHECK(r.ok());
  CHECK(r.size() == 7);
}

TEST_CASE("LEB128 golden bytes") {
  CHECK(varint(0) == std::vector<uint8_t>{0x00});
  CHECK(varint(127) == std::vector<uint8_t>{0x7f});
  CHECK(varint(128) == std::vector<uint8_t>{0x80, 0x01});
  CHECK(varint(300) == std::vector<uint8_t>{0xac, 0x02});
  CHECK(varint(16383) == std::vector<uint8_t>{0xff, 0x7f});
  CHECK(varint(16384) == std::vector<uint8_t>{0x80, 0x80, 0x01});
  CHECK(varint(0xffffffff) == std::vector<uint8_t>{0xff, 0xff, 0xff, 0xff, 0x0f});
}

TEST_CASE("every number survives LEB128, at all lengths") {
  std::mt19937 rng{1};
  for (int i = 0; i < 20000; ++i) {
    const uint32_t v = static_cast<uint32_t>(rng()) >> (i % 32);
    CHECK(read_varint(varint(v)) == static_cast<int64_t>(v));
  }
  for (uint32_t shift = 0; shift < 32; ++shift)
    for (uint32_t near = 0; near < 3; ++near) {
      const uint32_t v = (uint32_t{1} << shift) + near - 1;
      CHECK(read_varint(varint(v)) == static_cast<int64_t>(v));
    }
}

TEST_CASE("a number has one LEB128 spelling: longer ones and those beyond 32 bits are refused") {
  CHECK(read_varint({0x80, 0x00}) == -1);                          // 0 in two bytes
  CHECK(read_varint({0xac, 0x82, 0x00}) == -1);                    // 300 in three
  CHECK(read_varint({0xff, 0xff, 0xff, 0xff, 0x1f}) == -1);        // 33 bits
  CHECK(read_varint({0xff, 0xff, 0xff, 0xff, 0x8f, 0x00}) == -1);  // a sixth byte
  CHECK(read_varint({0x80, 0x80, 0x80, 0x80, 0x80, 0x01}) == -1);
  CHECK(read_varint({0x80}) == -1);  // no end
  CHECK(read_varint({}) == -1);

  // All inputs of two bytes: what is accepted as a whole is what the writer writes.
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const std::vector<uint8_t> two = {static_cast<uint8_t>(bits), static_cast<uint8_t>(bits >> 8)};
    const int64_t v = read_varint(two);
    if (v >= 0) CHECK(varint(static_cast<uint32_t>(v)) == two);
    if (v < 0) CHECK((two[0] < 0x80 || two[1] == 0 || two[1] >= 0x80));
  }
}

TEST_CASE("a writer never passes the end of its buffer, and says so from then on") {
  for (size_t room = 0; room <= 12; ++room) {
    std::vector<uint8_t> out(room + 1, 0xaa);
    weir::byte_writer w(weir::bytes(out.data(), room));
    w.put8(1);
    CHECK(w.ok() == (room >= 1));
    w.put32(2);
    CHECK(w.ok() == (room >= 5));
    w.put_varint(300);
    CHECK(w.ok() == (room >= 7));
    w.put16(4);
    CHECK(w.ok() == (room >= 9));
    w.skip(3);
    CHECK(w.ok() == (room >= 12));
    w.skip(1);
    CHECK_FALSE(w.ok());
    w.put8(5);
    CHECK_FALSE(w.ok());
    CHECK(w.size() <= room);
    CHECK(out[room] == 0xaa);
  }
}

TEST_CASE("a reader past the end reads zeros, stays where it is, and says so from then on") {
  const uint8_t three[3] = {1, 2, 3};
  weir::byte_reader r((weir::const_bytes(three, 3)));
  CHECK(r.get32() == 0);
  CHECK_FALSE(r.ok());
  CHECK(r.get8() == 0);  // although there would be one
  CHECK(r.get16() == 0);
  CHECK(r.get_varint() == 0);
  CHECK(r.size() == 0);
  CHECK_FALSE(r.ok());
}
