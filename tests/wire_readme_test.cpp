// SPDX-License-Identifier: MIT
// The worked examples of include/weir/wire/README.md, as they stand there.
#include <doctest/doctest.h>

#include <cstdint>
#include <vector>

#include <weir/weir.hpp>

TEST_CASE("the frame in the description of the wire format") {
  uint8_t frame[16];
  const weir::frame_header header = {weir::frame_kind::update, 0xbeef, 3, 0x0102, 0x0304};
  REQUIRE(weir::wire::seal(header, 0, weir::bytes(frame)) == 12);
  const std::vector<uint8_t> described = {0x11, 0xef, 0xbe, 0x03, 0x02, 0x01, 0x04, 0x00};
  CHECK(std::vector<uint8_t>(frame, frame + 8) == described);
  CHECK(weir::load32(frame + 8) == weir::crc32c(weir::const_bytes(frame, 8)));
  CHECK(static_cast<int>(weir::status::wrong_model) == 6);
  CHECK(static_cast<int>(weir::status::wrong_rank) == 8);
  CHECK(static_cast<int>(weir::status::malformed) == 9);
  CHECK(static_cast<int>(weir::status::too_big) == 13);
}

TEST_CASE("the sparse body in the description of the wire format") {
  const uint8_t body[] = {0x02, 0x00, 0x3f, 0x05, 0x97};
  REQUIRE(weir::ternary::check<float>(weir::const_bytes(body, sizeof body), 1210) == weir::status::ok);
  std::vector<std::pair<weir::index_t, float>> got;
  weir::ternary::decode<float>(weir::const_bytes(body, sizeof body), 1210,
                               [&](weir::index_t i, float v) { got.emplace_back(i, v); });
  const std::vector<std::pair<weir::index_t, float>> described = {{5, 0.5f}, {6, -0.5f}, {16, 0.5f}};
  CHECK(got == described);
  CHECK(weir::detail::index_bits(2) == 1);
  CHECK(weir::detail::index_bits(1210) == 11);
  CHECK(weir::detail::index_bits(101770) == 17);
}

namespace {

template <class Encoder>
std::vector<std::pair<weir::index_t, float>> described(const std::vector<uint8_t>& body, weir::index_t cells) {
  const weir::const_bytes bytes(body.data(), body.size());
  REQUIRE(Encoder::template check<float>(bytes, cells) == weir::status::ok);
  std::vector<std::pair<weir::index_t, float>> got;
  Encoder::template decode<float>(bytes, cells, [&](weir::index_t i, float v) { got.emplace_back(i, v); });
  return got;
}

}  // namespace

TEST_CASE("the segments in the description of the wire format") {
  typedef std::vector<std::pair<weir::index_t, float>> coordinates;
  CHECK(described<weir::segmented<weir::ternary, 2>>({0x04, 0x01, 0xa0, 0x3f, 0xc5, 0x01, 0xa0, 0x3f, 0xc5}, 21) ==
        coordinates{{3, 1.25f}, {4, -1.25f}, {13, 1.25f}, {14, -1.25f}});
}

TEST_CASE("the bodies of one_signed, one_bit and base3 in the description of the wire format") {
  typedef std::vector<std::pair<weir::index_t, float>> coordinates;
  CHECK(described<weir::one_signed>({0x01, 0xa0, 0x3f, 0xed}, 10) == coordinates{{3, 1.25f}, {7, 1.25f}});
  CHECK(described<weir::one_bit>({0x08, 0x00, 0x3f, 0x80, 0x3e, 0x02, 0xfc}, 10) == coordinates{{8, 0.5f},
                                                                                                {9, -0.25f},
                                                                                                {0, 0.5f},
                                                                                                {1, 0.5f},
                                                                                                {2, 0.5f},
                                                                                                {3, 0.5f},
                                                                                                {4, 0.5f},
                                                                                                {5, 0.5f},
                                                                                                {6, 0.5f},
                                                                                                {7, 0.5f}});
  CHECK(described<weir::base3>({0x00, 0x00, 0x3f, 0x91, 0xf7, 0x94}, 40) ==
        coordinates{{1, 0.5f}, {3, -0.5f}, {36, 0.5f}});
}
