// SPDX-License-Identifier: MIT
#include <weir/wire/bodies.hpp>

#include <doctest/doctest.h>
#include <random>
#include <vector>

namespace {

using weir::status;

template <class Body>
std::vector<uint8_t> bytes_of(const Body& b) {
  uint8_t out[64];
  weir::byte_writer w{weir::bytes(out)};
  b.put(w);
  REQUIRE(w.ok());
  return std::vector<uint8_t>(out, out + w.size());
}
template <class Body>
status read(const std::vector<uint8_t>& bytes, Body& b) {
  return Body::get(weir::const_bytes(bytes.data(), bytes.size()), b);
}

/// Every shorter body, and one a byte longer, makes no sense.
template <class Body>
void check_exact_size(const std::vector<uint8_t>& whole) {
  Body b;
  CHECK(read(whole, b) == status::ok);
  for (size_t keep = 0; keep < whole.size(); ++keep)
    CHECK(read(std::vector<uint8_t>(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(keep)), b) ==
          status::malformed);
  std::vector<uint8_t> longer = whole;
  longer.push_back(0);
  CHECK(read(longer, b) == status::malformed);
}

}  // namespace

TEST_CASE("a join body") {
  const weir::join_body j = {0x01020304, 0xa0b0c0d0, 0xfffe, 0x7788, 300, true, false};
  const std::vector<uint8_t> bytes = bytes_of(j);
  CHECK(bytes == std::vector<uint8_t>{4, 3, 2, 1, 0xd0, 0xc0, 0xb0, 0xa0, 0xfe, 0xff, 0x88, 0x77, 0xac, 0x02, 1});
  weir::join_body got;
  REQUIRE(read(bytes, got) == status::ok);
  CHECK(got.fingerprint == j.fingerprint);
  CHECK(got.weights_hash == j.weights_hash);
  CHECK(got.round_number == j.round_number);
  CHECK(got.epoch == j.epoch);
  CHECK(got.frame_bytes == 300);
  CHECK(got.claim);
  check_exact_size<weir::join_body>(bytes);
  std::vector<uint8_t> odd = bytes;
  odd.at(odd.size() - 1) = 2;
  REQUIRE(read(odd, got) == status::ok);
  CHECK(!got.claim);
  CHECK(got.weightless);
  odd.at(odd.size() - 1) = 4;
  CHECK(read(odd, got) == status::malformed);
}

TEST_CASE("a welcome body") {
  for (unsigned flags = 0; flags < 8; ++flags) {
    const weir::welcome_body b = {
        1000, 4, 0.5f, 0x1122, 0x3344, 0x5566, (flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0};
    const std::vector<uint8_t> bytes = bytes_of(b);
    CHECK(bytes == std::vector<uint8_t>{0xe8, 3, 4, 0, 0x00, 0x3f, 0x22, 0x11, 0x44, 0x33, 0x66, 0x55,
                                        static_cast<uint8_t>(flags)});
    weir::welcome_body got;
    REQUIRE(read(bytes, got) == status::ok);
    CHECK(got.ranks == 1000);
    CHECK(got.steps == 4);
    CHECK(got.wt == 0.5f);
    CHECK(got.answers == 0x1122);
    CHECK(got.last_sequence == 0x3344);
    CHECK(got.epoch == 0x5566);
    CHECK(got.snapshot == b.snapshot);
    CHECK(got.counted == b.counted);
    CHECK(got.behind == b.behind);
    check_exact_size<weir::welcome_body>(bytes);
  }
  weir::welcome_body got;
  CHECK(read({0, 0, 4, 0, 0x00, 0x3f, 0, 0, 0, 0, 0, 0, 0}, got) == status::malformed);  // no ranks
  CHECK(read({1, 0, 4, 0, 0x80, 0x7f, 0, 0, 0, 0, 0, 0, 0}, got) == status::malformed);  // an infinite Wt
  CHECK(read({1, 0, 4, 0, 0x00, 0xbf, 0, 0, 0, 0, 0, 0, 0}, got) == status::malformed);  // a negative one
  CHECK(read({1, 0, 4, 0, 0x00, 0x3f, 0, 0, 0, 0, 0, 0, 8}, got) == status::malformed);  // a flag of the future
}

TEST_CASE("an ask body, for a broadcast and for a piece") {
  const weir::ask_body next = {0x1234, false, 0};
  CHECK(bytes_of(next) == std::vector<uint8_t>{0x34, 0x12});
  const weir::ask_body piece = {0x1234, true, 70000};
  CHECK(bytes_of(piece) == std::vector<uint8_t>{0x34, 0x12, 0xf0, 0xa2, 0x04});
  weir::ask_body got;
  REQUIRE(read(bytes_of(next), got) == status::ok);
  CHECK(!got.piece);
  REQUIRE(read(bytes_of(piece), got) == status::ok);
  CHECK(got.piece);
  CHECK(got.first == 70000);
  CHECK(read({0x34, 0x12, 0x80, 0x00}, got) == status::malformed);  // zero, spelled in two bytes
  CHECK(read({0x34}, got) == status::malformed);
  CHECK(read({0x34, 0x12, 0x01, 0x01}, got) == status::malformed);
}

TEST_CASE("reading bodies is total, and what is read is what would be written") {
  std::mt19937 rng{21};
  size_t accepted = 0;
  for (int trial = 0; trial < 100000; ++trial) {
    std::vector<uint8_t> bytes(rng() % 16);
    for (uint8_t& b : bytes) b = static_cast<uint8_t>(rng());
    if (!bytes.empty() && trial % 2 == 0) bytes.back() &= 7;
    weir::join_body j;
    weir::welcome_body w;
    weir::ask_body a;
    if (read(bytes, j) == status::ok) {
      CHECK(bytes_of(j) == bytes);
      ++accepted;
    }
    if (read(bytes, w) == status::ok) {
      CHECK(bytes_of(w) == bytes);
      ++accepted;
    }
    if (read(bytes, a) == status::ok) {
      CHECK(bytes_of(a) == bytes);
      ++accepted;
    }
  }
  CHECK(accepted > 1000);
}

TEST_CASE("weights are little-endian bytes, and their hash is the check of these bytes") {
  uint8_t b[5] = {0xaa, 0xaa, 0xaa, 0xaa, 0xaa};
  weir::wire::put_weight(b, 1.0f);
  CHECK(std::vector<uint8_t>(b, b + 5) == std::vector<uint8_t>{0x00, 0x00, 0x80, 0x3f, 0xaa});
  float f = 0;
  weir::wire::get_weight(b, f);
  CHECK(f == 1.0f);

  typedef weir::fixed16<12> w16;
  typedef weir::fixed8<4> w8;
  uint8_t c[3] = {0xaa, 0xaa, 0xaa};
  weir::wire::put_weight(c, w8::from_raw(-2));
  CHECK(std::vector<uint8_t>(c, c + 3) == std::vector<uint8_t>{0xfe, 0xaa, 0xaa});
  weir::wire::put_weight(c, w16::from_raw(-2));
  CHECK(std::vector<uint8_t>(c, c + 3) == std::vector<uint8_t>{0xfe, 0xff, 0xaa});
  for (int32_t raw = -32767; raw <= 32767; ++raw) {
    w16 got;
    weir::wire::put_weight(c, w16::from_raw(static_cast<int16_t>(raw)));
    weir::wire::get_weight(c, got);
    REQUIRE(got.raw == raw);
  }
  for (int32_t raw = -127; raw <= 127; ++raw) {
    w8 got;
    weir::wire::put_weight(c, w8::from_raw(static_cast<int8_t>(raw)));
    weir::wire::get_weight(c, got);
    REQUIRE(got.raw == raw);
  }

  const w16 weights[] = {w16::from_raw(0x3231), w16::from_raw(0x3433), w16::from_raw(0x3635), w16::from_raw(0x3837)};
  CHECK(weir::wire::hash(weights, 4) ==
        weir::crc32c(weir::const_bytes(reinterpret_cast<const uint8_t*>("12345678"), 8)));
}
