// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <random>
#include <vector>
#include <weir/core/crc.hpp>

namespace {

/// Bit by bit, from the polynomial alone.
uint32_t reference(const std::vector<uint8_t>& data, size_t size) {
  uint32_t crc = 0xffffffff;
  for (size_t i = 0; i < size; ++i) {
    crc ^= data[i];
    for (int k = 0; k < 8; ++k) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78u : 0u);
  }
  return ~crc;
}

/// The portable path, also where crc32c uses the instruction.
uint32_t software(const std::vector<uint8_t>& data, size_t size) {
  uint32_t crc = 0xffffffff;
  for (size_t i = 0; i < size; ++i) crc = weir::detail::crc32c_byte(crc, data[i]);
  return ~crc;
}

std::vector<uint8_t> random_bytes(size_t size, uint32_t seed) {
  std::mt19937 rng{seed};
  std::vector<uint8_t> data(size);
  for (uint8_t& b : data) b = static_cast<uint8_t>(rng());
  return data;
}

uint32_t sum(const std::vector<uint8_t>& data) { return weir::crc32c(weir::const_bytes(data.data(), data.size())); }

}  // namespace

TEST_CASE("crc32c has the check value of CRC-32C and the vectors of RFC 3720") {
  const uint8_t digits[] = {'1', '2', '3', '4', '5', '6', '7', '8', '9'};
  CHECK(weir::crc32c(weir::const_bytes(digits, 9)) == 0xe3069283);
  CHECK(weir::crc32c(weir::const_bytes()) == 0);
  CHECK(sum(std::vector<uint8_t>(32, 0x00)) == 0x8a9136aa);
  CHECK(sum(std::vector<uint8_t>(32, 0xff)) == 0x62a8ab43);
}

TEST_CASE("hardware, software and the definition agree, at every length and alignment") {
  const std::vector<uint8_t> data = random_bytes(300, 7);
  for (size_t size = 0; size <= data.size(); ++size) {
    CAPTURE(size);
    CHECK(weir::crc32c(weir::const_bytes(data.data(), size)) == reference(data, size));
    CHECK(software(data, size) == reference(data, size));
  }
  for (size_t from = 0; from < 17; ++from) {
    const std::vector<uint8_t> moved(data.begin() + static_cast<std::ptrdiff_t>(from), data.end());
    CHECK(weir::crc32c(weir::const_bytes(data.data() + from, data.size() - from)) == reference(moved, moved.size()));
  }
}

TEST_CASE("a sum continues from its seed, wherever the data is cut") {
  const std::vector<uint8_t> data = random_bytes(100, 8);
  const uint32_t whole = sum(data);
  for (size_t cut = 0; cut <= data.size(); ++cut) {
    const uint32_t head = weir::crc32c(weir::const_bytes(data.data(), cut));
    CHECK(weir::crc32c(weir::const_bytes(data.data() + cut, data.size() - cut), head) == whole);
  }
}

TEST_CASE("one or two wrong bits, and any burst of up to 32, are found") {
  std::vector<uint8_t> data = random_bytes(48, 9);
  const uint32_t good = sum(data);
  const size_t bits = data.size() * 8;
  const auto flip = [&](size_t bit) { data[bit / 8] = static_cast<uint8_t>(data[bit / 8] ^ (1u << (bit % 8))); };
  uint32_t missed = 0;
  for (size_t a = 0; a < bits; ++a) {
    flip(a);
    if (sum(data) == good) ++missed;
    for (size_t b = a + 1; b < bits; ++b) {
      flip(b);
      if (sum(data) == good) ++missed;
      flip(b);
    }
    flip(a);
  }
  CHECK(missed == 0);
  CHECK(sum(data) == good);

  std::mt19937 rng{10};
  for (int i = 0; i < 20000; ++i) {
    const size_t first = rng() % (bits - 32);
    const uint32_t burst = static_cast<uint32_t>(rng()) | 1;
    for (size_t k = 0; k < 32; ++k)
      if (((burst >> k) & 1) != 0) flip(first + k);
    if (sum(data) == good) ++missed;
    for (size_t k = 0; k < 32; ++k)
      if (((burst >> k) & 1) != 0) flip(first + k);
  }
  CHECK(missed == 0);
}
