// SPDX-License-Identifier: MIT
#include <weir/wire/frame.hpp>

#include <doctest/doctest.h>
#include <algorithm>
#include <initializer_list>
#include <random>
#include <vector>

namespace {

using weir::frame_header;
using weir::frame_kind;
using weir::status;

const frame_kind kinds[] = {
    frame_kind::update,         frame_kind::join,    frame_kind::ask,     frame_kind::broadcast,
    frame_kind::broadcast_some, frame_kind::welcome, frame_kind::piece,   frame_kind::acknowledgement,
    frame_kind::refusal,        frame_kind::leave,   frame_kind::farewell};

/// A frame whose body is 0, 1, 2 ... , in a buffer that is `more` bytes larger than it needs to be.
std::vector<uint8_t> make_frame(const frame_header& h, size_t body, size_t more = 0) {
  std::vector<uint8_t> frame(body + weir::wire::max_overhead() + more, 0xaa);
  const weir::bytes whole(frame.data(), frame.size());
  const weir::bytes room = weir::wire::body_room(h.kind, h.rank, whole);
  REQUIRE(room.size() >= body);
  for (size_t i = 0; i < body; ++i) room[i] = static_cast<uint8_t>(i);
  frame.resize(weir::wire::seal(h, body, whole));
  return frame;
}

status open(const std::vector<uint8_t>& frame, frame_header& h, weir::const_bytes& body) {
  return weir::wire::open(weir::const_bytes(frame.data(), frame.size()), h, body);
}
status open(const std::vector<uint8_t>& frame) {
  frame_header h;
  weir::const_bytes body;
  return open(frame, h, body);
}

/// Corrects the check after a deliberate change.
void seal_again(std::vector<uint8_t>& frame) {
  weir::store32(frame.data() + frame.size() - 4, weir::crc32c(weir::const_bytes(frame.data(), frame.size() - 4)));
}

}  // namespace

TEST_CASE("every kind of frame has the bytes that the wire format promises, and not one more") {
  struct golden {
    frame_kind kind;
    uint16_t rank;
    std::vector<uint8_t> bytes;
  };
  const golden all[] = {
      {frame_kind::update, 3, {0x11, 0xef, 0xbe, 0x03, 0x02, 0x01, 0x04, 0x02, 0x00, 0x01, 0xfd, 0xa6, 0x07, 0x96}},
      {frame_kind::join,
       300,
       {0x12, 0xef, 0xbe, 0xac, 0x02, 0x02, 0x01, 0x04, 0x02, 0x00, 0x01, 0x0d, 0xaa, 0xbb, 0xa5}},
      {frame_kind::ask, 127, {0x13, 0xef, 0xbe, 0x7f, 0x02, 0x01, 0x04, 0x02, 0x00, 0x01, 0xa5, 0x61, 0x3d, 0x35}},
      {frame_kind::broadcast, 0, {0x18, 0xef, 0xbe, 0x04, 0x03, 0x02, 0x00, 0x01, 0x44, 0x80, 0xc3, 0xc4}},
      {frame_kind::broadcast_some, 0, {0x19, 0xef, 0xbe, 0x04, 0x03, 0x02, 0x00, 0x01, 0x63, 0xfd, 0xff, 0x8d}},
      {frame_kind::welcome, 128, {0x1a, 0xef, 0xbe, 0x80, 0x01, 0x04, 0x03, 0x02, 0x00, 0x01, 0x4d, 0x6e, 0x48, 0x30}},
      {frame_kind::piece, 3, {0x1b, 0xef, 0xbe, 0x03, 0x04, 0x03, 0x02, 0x00, 0x01, 0x73, 0x07, 0x2b, 0x90}},
      {frame_kind::acknowledgement, 3, {0x1c, 0xef, 0xbe, 0x03, 0x04, 0x03, 0x02, 0x00, 0x01, 0x69, 0xc9, 0x4b, 0x57}},
      {frame_kind::refusal,
       16383,
       {0x1d, 0xef, 0xbe, 0xff, 0x7f, 0x04, 0x03, 0x02, 0x00, 0x01, 0x9c, 0x20, 0xcf, 0x81}},
  };
  for (const golden& g : all) {
    CAPTURE(static_cast<int>(g.kind));
    uint8_t buffer[40];
    std::fill(std::begin(buffer), std::end(buffer), uint8_t{0xaa});
    const weir::bytes whole(buffer, sizeof buffer - 1);
    const weir::bytes room = weir::wire::body_room(g.kind, g.rank, whole);
    room[0] = 0;
    room[1] = 1;
    const frame_header h = {g.kind, 0xbeef, g.rank, 0x0102, 0x0304};
    const size_t size = weir::wire::seal(h, 2, whole);
    CHECK(std::vector<uint8_t>(buffer, buffer + size) == g.bytes);
    CHECK(std::all_of(buffer + size + 1, std::end(buffer), [](uint8_t b) { return b == 0xaa; }));
  }
}

TEST_CASE("what is sealed opens again, for every kind and size, within 14 bytes around the body") {
  for (const frame_kind kind : kinds) {
    for (const unsigned r : {0u, 1u, 127u, 128u, 16383u}) {
      const uint16_t rank = static_cast<uint16_t>(r);
      for (const size_t size :
           std::initializer_list<size_t>{0, 1, 2, 31, 126, 127, 128, 129, 255, 1000, 16383, 16384, 16385, 40000}) {
        CAPTURE(static_cast<int>(kind));
        CAPTURE(rank);
        CAPTURE(size);
        const frame_header h = {kind, 0x1234, rank, 0xfedc, 0xba98};
        const std::vector<uint8_t> frame = make_frame(h, size);
        CHECK(frame.size() <= size + weir::wire::max_overhead());
        CHECK(frame.size() == weir::wire::header_bytes(kind, rank, size) + size + weir::wire::check_bytes());
        frame_header got;
        weir::const_bytes body;
        REQUIRE(open(frame, got, body) == status::ok);
        CHECK(got.kind == kind);
        CHECK(got.fingerprint == 0x1234);
        CHECK(got.rank == (weir::is_broadcast(kind) ? 0 : rank));
        CHECK(got.sequence == (weir::from_worker(kind) ? 0xfedc : 0));
        CHECK(got.round_number == (weir::from_worker(kind) ? 0x98 : 0xba98));
        REQUIRE(body.size() == size);
        bool right = true;
        for (size_t i = 0; i < size; ++i) right = right && body[i] == static_cast<uint8_t>(i);
        CHECK(right);
      }
    }
  }
}

TEST_CASE("room for a body is what seal can use, and nothing when the buffer is too small") {
  for (const frame_kind kind : kinds) {
    for (const uint16_t rank : {uint16_t{5}, uint16_t{500}}) {
      for (size_t size = 0; size < 200; ++size) {
        std::vector<uint8_t> frame(size + 1, 0xaa);
        const weir::bytes whole(frame.data(), size);
        const weir::bytes room = weir::wire::body_room(kind, rank, whole);
        if (room.empty()) {
          CHECK(size <= weir::wire::max_overhead());
          continue;
        }
        const frame_header h = {kind, 1, rank, 2, 3};
        const size_t used = weir::wire::seal(h, room.size(), whole);
        CHECK(used <= size);
        CHECK(used + 1 >= size);  // a byte is lost where the length needs one byte less than assumed
        CHECK(frame[size] == 0xaa);
        frame.resize(used);
        CHECK(open(frame) == status::ok);
      }
    }
  }
}

TEST_CASE("every truncation of a frame is called truncated") {
  for (const frame_kind kind : kinds) {
    for (const size_t size : std::initializer_list<size_t>{0, 1, 40, 127, 128, 300}) {
      const frame_header h = {kind, 0xbeef, 200, 7, 9};
      const std::vector<uint8_t> frame = make_frame(h, size);
      for (size_t keep = 0; keep < frame.size(); ++keep) {
        CAPTURE(static_cast<int>(kind));
        CAPTURE(size);
        CAPTURE(keep);
        CHECK(open(std::vector<uint8_t>(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(keep))) ==
              status::truncated);
      }
      std::vector<uint8_t> longer = frame;
      longer.push_back(0);
      CHECK(open(longer) == status::damaged);
    }
  }
}

TEST_CASE("every flip of one bit or two is refused") {
  for (const frame_kind kind : kinds) {
    CAPTURE(static_cast<int>(kind));
    const frame_header h = {kind, 0xbeef, 5, 7, 9};
    std::vector<uint8_t> frame = make_frame(h, 20);
    const auto flip = [&](size_t bit) { frame[bit / 8] = static_cast<uint8_t>(frame[bit / 8] ^ (1u << (bit % 8))); };
    size_t accepted = 0, odd = 0;
    for (size_t a = 0; a < frame.size() * 8; ++a) {
      flip(a);
      const status one = open(frame);
      accepted += one == status::ok ? 1 : 0;
      // The first byte may say another version or kind; elsewhere it is damage, or a length that promises too much.
      odd += a >= 8 && one != status::damaged && one != status::truncated ? 1 : 0;
      for (size_t b = a + 1; b < frame.size() * 8; ++b) {
        flip(b);
        accepted += open(frame) == status::ok ? 1 : 0;
        flip(b);
      }
      flip(a);
    }
    CHECK(accepted == 0);
    CHECK(odd == 0);
    CHECK(open(frame) == status::ok);
  }
}

TEST_CASE("another version and unknown kinds are named, whole and undamaged as they are") {
  const frame_header h = {frame_kind::update, 0xbeef, 5, 7, 9};
  for (uint8_t first = 0;; ++first) {
    CAPTURE(static_cast<int>(first));
    std::vector<uint8_t> frame = make_frame(h, 20);
    frame[0] = first;
    seal_again(frame);
    const uint8_t kind = first & 15;
    const bool known = (kind >= 1 && kind <= 4) || (kind >= 8 && kind <= 14);
    const status got = open(frame);
    if (first >> 4 != weir::wire::protocol_version())
      CHECK(got == status::wrong_version);
    else if (!known)
      CHECK(got == status::wrong_kind);
    else
      CHECK((got == (kind < 4 ? status::ok : got)));  // others have other headers: the length is then wrong
    if (first == 255) break;
  }
}

TEST_CASE("a rank too large, or spelled with more bytes than it needs, is damage") {
  // version and kind, fingerprint, rank, round, length 0
  for (const std::vector<uint8_t>& rank : {std::vector<uint8_t>{0x80, 0x80, 0x01}, std::vector<uint8_t>{0x85, 0x00},
                                           std::vector<uint8_t>{0xff, 0xff, 0xff, 0xff, 0xff, 0x01}}) {
    std::vector<uint8_t> frame = {0x1d, 0xef, 0xbe};
    frame.insert(frame.end(), rank.begin(), rank.end());
    frame.insert(frame.end(), {0x04, 0x03, 0x00, 0, 0, 0, 0});
    seal_again(frame);
    CHECK(open(frame) == status::damaged);
  }
}

TEST_CASE("open is total: random bytes give a status and nothing else") {
  std::mt19937 rng{7};
  size_t accepted = 0;
  for (int i = 0; i < 200000; ++i) {
    std::vector<uint8_t> bytes(rng() % 40);
    for (uint8_t& b : bytes) b = static_cast<uint8_t>(rng());
    if (!bytes.empty() && i % 2 == 0) bytes[0] = static_cast<uint8_t>(0x10 | (rng() % 14));
    if (bytes.size() > 14 && i % 4 == 0) {
      bytes[3] = static_cast<uint8_t>(bytes[3] & 0x7f);
      bytes[7] = static_cast<uint8_t>(bytes.size() - 12);
      seal_again(bytes);
    }
    frame_header h;
    weir::const_bytes body;
    if (open(bytes, h, body) != status::ok) continue;
    ++accepted;
    REQUIRE(h.rank < weir::wire::max_ranks());
    REQUIRE(body.size() + 10 <= bytes.size());
    REQUIRE(body.data() >= bytes.data());
    REQUIRE(body.data() + body.size() + 4 == bytes.data() + bytes.size());
  }
  CHECK(accepted > 100);  // those that were sealed and happened to make sense
}
