// SPDX-License-Identifier: MIT
#include <weir/wire/acks.hpp>

#include <doctest/doctest.h>
#include <random>
#include <vector>

namespace {

struct pattern {
  uint16_t ranks;
  std::vector<uint8_t> bits;
  explicit pattern(uint16_t n) : ranks(n), bits((static_cast<size_t>(n) + 7) / 8 + 1, 0) {}
  bool operator[](uint16_t i) const { return weir::wire::detail::bit_of(bits.data(), i); }
  void set(uint16_t i) { bits[i / 8] = static_cast<uint8_t>(bits[i / 8] | (1u << (i % 8))); }
};

/// Writes into `room` bytes with a guard behind them.
std::vector<uint8_t> put(const pattern& p, size_t room) {
  std::vector<uint8_t> out(room + 1, 0xaa);
  const size_t size = weir::wire::put_acks(p.bits.data(), p.ranks, weir::bytes(out.data(), room));
  REQUIRE(size <= room);
  REQUIRE(size >= 1);
  for (size_t i = size; i <= room; ++i) REQUIRE(out[i] == 0xaa);
  out.resize(size);
  return out;
}

bool get(const std::vector<uint8_t>& acks, uint16_t ranks, uint16_t rank) {
  std::vector<uint8_t> body = acks;
  body.push_back(0x5a);  // the update behind them
  weir::byte_reader r(weir::const_bytes(body.data(), body.size()));
  bool counted = false;
  REQUIRE(weir::wire::get_acks(r, ranks, rank, counted) == weir::status::ok);
  REQUIRE(r.ok());
  REQUIRE(r.size() == acks.size());  // not a byte of the update is taken
  return counted;
}

void check_round_trip(const pattern& p, uint16_t stride = 1) {
  const size_t bitmap = 1 + (static_cast<size_t>(p.ranks) + 7) / 8;
  const std::vector<uint8_t> acks = put(p, bitmap + 10);
  CHECK(acks.size() <= bitmap);
  bool right = true;
  for (uint16_t i = 0; i < p.ranks; i = static_cast<uint16_t>(i + stride))
    right = right && get(acks, p.ranks, i) == p[i];
  CHECK(right);
}

}  // namespace

TEST_CASE("acknowledgements tell every rank the truth, for 1 to 300 ranks") {
  std::mt19937 rng{11};
  for (uint16_t ranks = 1; ranks <= 300; ++ranks) {
    CAPTURE(ranks);
    for (const unsigned percent : {0u, 2u, 10u, 50u, 90u, 98u, 100u}) {
      CAPTURE(percent);
      pattern p(ranks);
      for (uint16_t i = 0; i < ranks; ++i)
        if (rng() % 100 < percent) p.set(i);
      check_round_trip(p);
    }
    pattern one(ranks), all_but_one(ranks), even(ranks);
    const uint16_t chosen = static_cast<uint16_t>(rng() % ranks);
    one.set(chosen);
    for (uint16_t i = 0; i < ranks; ++i)
      if (i != chosen) all_but_one.set(i);
    for (uint16_t i = 0; i < ranks; i = static_cast<uint16_t>(i + 2)) even.set(i);
    check_round_trip(one);
    check_round_trip(all_but_one);
    check_round_trip(even);
  }
}

TEST_CASE("acknowledgements of ten thousand ranks, and of as many as there can be") {
  std::mt19937 rng{12};
  for (const uint16_t ranks : {uint16_t{10000}, uint16_t{16384}})
    for (const unsigned permille : {0u, 1u, 10u, 300u, 500u, 900u, 999u, 1000u}) {
      CAPTURE(ranks);
      CAPTURE(permille);
      pattern p(ranks);
      for (uint16_t i = 0; i < ranks; ++i)
        if (rng() % 1000 < permille) p.set(i);
      check_round_trip(p, 97);
      const size_t size = put(p, 3000).size();
      if (permille == 0 || permille == 1000) CHECK(size <= 3);
      if (permille == 1 || permille == 999) CHECK(size < 60);
      if (permille == 500) CHECK(size == 1 + (static_cast<size_t>(ranks) + 7) / 8);
    }
}

TEST_CASE("the three spellings, to the byte") {
  pattern few(100);  // two counted: a list of them
  few.set(3);
  few.set(70);
  const std::vector<uint8_t> list = put(few, 50);
  CHECK((list[0] >> 6) == 1);
  CHECK(list[1] == 2);
  CHECK(list.size() < 1 + 13);

  pattern most(100);  // two missing
  for (uint16_t i = 0; i < 100; ++i)
    if (i != 3 && i != 70) most.set(i);
  const std::vector<uint8_t> missing = put(most, 50);
  CHECK((missing[0] >> 6) == 2);
  CHECK(std::vector<uint8_t>(missing.begin() + 1, missing.end()) == std::vector<uint8_t>(list.begin() + 1, list.end()));

  pattern half(12);
  for (const unsigned i : {0u, 2u, 3u, 5u, 7u, 8u, 11u}) half.set(static_cast<uint16_t>(i));
  CHECK(put(half, 50) == std::vector<uint8_t>{0x00, 0xad, 0x09});

  // Where neither fits it says so, and nobody is counted.
  const std::vector<uint8_t> nothing = put(half, 2);
  CHECK(nothing == std::vector<uint8_t>{0xc0});
  for (uint16_t i = 0; i < 12; ++i) CHECK(!get(nothing, 12, i));
}

TEST_CASE("of the spellings that fit, the shortest is taken") {
  std::mt19937 rng{13};
  for (int trial = 0; trial < 400; ++trial) {
    const uint16_t ranks = static_cast<uint16_t>(1 + rng() % 400);
    const unsigned percent = static_cast<unsigned>(rng() % 101);
    pattern p(ranks);
    uint16_t present = 0;
    for (uint16_t i = 0; i < ranks; ++i)
      if (rng() % 100 < percent) p.set(i), ++present;
    const bool missing = ranks - present < present;
    const uint16_t entries = missing ? static_cast<uint16_t>(ranks - present) : present;
    const uint8_t l = weir::detail::rice_parameter(ranks, entries);
    const weir::detail::rice_code code(l, weir::detail::index_bits(ranks), 0);
    size_t bits = 0;
    uint16_t next = 0;
    for (uint16_t i = 0; i < ranks; ++i)
      if (p[i] != missing)
        bits += weir::detail::rice_symbol(static_cast<weir::index_t>(i - next), code).bits(code),
            next = static_cast<uint16_t>(i + 1);
    const size_t list = 1 + (entries < 128 ? 1 : 2) + (bits + 7) / 8;
    const size_t bitmap = 1 + (static_cast<size_t>(ranks) + 7) / 8;
    const size_t shortest = list < bitmap ? list : bitmap;
    CAPTURE(ranks);
    CAPTURE(present);
    CHECK(put(p, 100).size() == shortest);
    CHECK(put(p, shortest).size() == shortest);
    if (shortest > 1) CHECK(put(p, shortest - 1).size() == 1);
  }
}

TEST_CASE("reading acknowledgements is total") {
  std::mt19937 rng{14};
  size_t accepted = 0;
  for (int trial = 0; trial < 300000; ++trial) {
    std::vector<uint8_t> bytes(rng() % 12);
    for (uint8_t& b : bytes) b = static_cast<uint8_t>(rng());
    if (!bytes.empty() && trial % 2 == 0) bytes[0] = static_cast<uint8_t>((rng() % 4) << 6 | rng() % 4);
    const uint16_t ranks = static_cast<uint16_t>(1 + rng() % (trial % 3 == 0 ? 16384 : 60));
    const uint16_t rank = static_cast<uint16_t>(rng() % ranks);
    weir::byte_reader r(weir::const_bytes(bytes.data(), bytes.size()));
    bool counted;
    if (weir::wire::get_acks(r, ranks, rank, counted) != weir::status::ok) continue;
    REQUIRE(r.ok());
    REQUIRE(r.size() <= bytes.size());
    ++accepted;
  }
  CHECK(accepted > 10000);
}

TEST_CASE("acknowledgements that make no sense are refused") {
  const auto read = [](std::vector<uint8_t> bytes, uint16_t ranks) {
    weir::byte_reader r(weir::const_bytes(bytes.data(), bytes.size()));
    bool counted;
    return weir::wire::get_acks(r, ranks, 0, counted);
  };
  CHECK(read({}, 5) == weir::status::malformed);
  CHECK(read({0x00}, 5) == weir::status::malformed);                    // a bitmap without bits
  CHECK(read({0x01, 0x00}, 5) == weir::status::malformed);              // a bitmap with a parameter
  CHECK(read({0xc1}, 5) == weir::status::malformed);                    // nothing, with a parameter
  CHECK(read({0x40, 0x06, 0xff, 0xff}, 5) == weir::status::malformed);  // more entries than ranks
  CHECK(read({0x40, 0x01}, 5) == weir::status::malformed);              // an entry that is not there
  CHECK(read({0x40, 0x01, 0x1f}, 5) == weir::status::malformed);        // rank 5 of 5
  CHECK(read({0x60, 0x00}, 5) == weir::status::malformed);              // bit 5
  CHECK(read({0x59, 0x00}, 5) == weir::status::malformed);              // a parameter of 25
  CHECK(read({0x40, 0x00}, 5) == weir::status::ok);
}
