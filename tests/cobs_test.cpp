// SPDX-License-Identifier: MIT
// COBS against a plain encoder, and the byte stream on top of it over lines that take and give a few bytes at a time.
#include <weir/transport/buffered.hpp>
#include <weir/transport/byte_stream.hpp>
#include <weir/transport/cobs.hpp>

#include <doctest/doctest.h>
#include <deque>
#include <random>
#include <vector>

namespace {

typedef std::vector<uint8_t> data;

/// As the paper has it: groups of up to 254 bytes without zeros, each behind its code; the last zero is not said.
data reference(const data& plain) {
  data out;
  size_t code = 0;
  bool open = false;
  const auto begin = [&] {
    code = out.size();
    out.push_back(1);
    open = true;
  };
  begin();
  for (size_t i = 0; i < plain.size(); ++i) {
    if (!open) begin();
    if (plain[i] == 0) {
      begin();
      continue;
    }
    out.push_back(plain[i]);
    if (++out[code] == 255) open = false;
  }
  out.push_back(0);
  return out;
}

data stuffed(const data& plain) {
  weir::cobs_sender sender{};
  REQUIRE(sender.idle());
  sender.start(weir::const_bytes(plain.data(), plain.size()));
  data out;
  while (!sender.idle()) out.push_back(sender.next());
  return out;
}

/// All datagrams that come out of these bytes, gathered in a buffer of `room` with a guard behind it.
std::vector<data> received(const data& line, size_t room, weir::cobs_receiver receiver = weir::cobs_receiver()) {
  std::vector<data> all;
  data into(room + 1, 0xaa);
  for (const uint8_t b : line) {
    const size_t size = receiver.take(b, weir::bytes(into.data(), room));
    REQUIRE(into[room] == 0xaa);
    REQUIRE(size <= room);
    if (size != 0) all.emplace_back(into.begin(), into.begin() + static_cast<std::ptrdiff_t>(size));
  }
  return all;
}

std::vector<data> of_every_kind(size_t n, std::mt19937& rng) {
  std::vector<data> all;
  all.emplace_back(n, uint8_t{0});
  all.emplace_back(n, uint8_t{1});
  all.emplace_back(n, uint8_t{255});
  for (const unsigned zeros : {2u, 50u}) {
    data d(n);
    for (uint8_t& b : d) b = rng() % 100 < zeros ? uint8_t{0} : static_cast<uint8_t>(1 + rng() % 255);
    all.push_back(d);
  }
  for (const size_t zero : {size_t{0}, n / 2, n == 0 ? 0 : n - 1, size_t{253}, size_t{254}, size_t{255}}) {
    if (zero >= n) continue;
    data d(n, 7);
    d[zero] = 0;
    all.push_back(d);
  }
  return all;
}

/// One direction of a line that moves a few bytes at a time.
struct wire {
  std::deque<uint8_t> bytes;
  size_t room = 0;   // bytes it takes before it is full
  size_t there = 0;  // bytes it gives before it says -1
};
struct port {
  wire* out;
  wire* in;
  int read() const {
    if (in->there == 0 || in->bytes.empty()) return -1;
    --in->there;
    const int b = in->bytes.front();
    in->bytes.pop_front();
    return b;
  }
  bool write(uint8_t b) const {
    if (out->room == 0) return false;
    --out->room;
    out->bytes.push_back(b);
    return true;
  }
};
typedef weir::byte_stream<port> stream;

}  // namespace

TEST_CASE("the sender says what a plain encoder says, and the receiver understands it, for every length to 600") {
  std::mt19937 rng{31};
  for (size_t n = 0; n <= 600; ++n) {
    CAPTURE(n);
    for (const data& plain : of_every_kind(n, rng)) {
      const data line = stuffed(plain);
      REQUIRE(line == reference(plain));
      REQUIRE(line.size() <= n + 2 + n / 254);
      for (size_t i = 0; i + 1 < line.size(); ++i) REQUIRE(line[i] != 0);
      const std::vector<data> got = received(line, n);
      if (n == 0) {
        REQUIRE(got.empty());
      } else {
        REQUIRE(got.size() == 1);
        REQUIRE(got[0] == plain);
      }
    }
  }
}

TEST_CASE("the bytes of the standard's examples") {
  CHECK(stuffed({0x00}) == data{0x01, 0x01, 0x00});
  CHECK(stuffed({0x11, 0x22, 0x00, 0x33}) == data{0x03, 0x11, 0x22, 0x02, 0x33, 0x00});
  CHECK(stuffed({0x11, 0x00, 0x00, 0x00}) == data{0x02, 0x11, 0x01, 0x01, 0x01, 0x00});
  data run;
  for (unsigned b = 1; b <= 254; ++b) run.push_back(static_cast<uint8_t>(b));
  data line = {0xff};
  line.insert(line.end(), run.begin(), run.end());
  line.push_back(0);
  CHECK(stuffed(run) == line);
}

TEST_CASE("a receiver that lost its place finds it again at the next zero") {
  std::mt19937 rng{32};
  for (int trial = 0; trial < 2000; ++trial) {
    data line(rng() % 80);
    for (uint8_t& b : line) b = static_cast<uint8_t>(rng());
    line.push_back(0);
    const data good = {9, 0, 8, 0, 0, 7};
    for (int i = 0; i < 2; ++i) {
      const data s = stuffed(good);
      line.insert(line.end(), s.begin(), s.end());
    }
    const std::vector<data> got = received(line, 64);
    REQUIRE(got.size() >= 2);
    CHECK(got[got.size() - 1] == good);
    CHECK(got[got.size() - 2] == good);
  }
}

TEST_CASE("what is cut off, or does not fit, is dropped, and the next datagram is not") {
  const data good = {1, 2, 0, 3};
  for (size_t n = 1; n < 300; ++n) {
    CAPTURE(n);
    data big(n, 5);
    data line = stuffed(big);
    const data s = stuffed(good);
    line.insert(line.end(), s.begin(), s.end());
    const std::vector<data> got = received(line, 40);
    REQUIRE(got.size() == (n <= 40 ? 2u : 1u));
    CHECK(got.back() == good);
  }
  data cut = stuffed({1, 2, 3, 4, 5});
  cut.erase(cut.begin() + 3);  // one byte of the run is missing
  CHECK(received(cut, 40).empty());
  CHECK(received({0, 0, 0}, 40).empty());
}

TEST_CASE("a byte stream carries datagrams over lines that take and give k bytes at a time") {
  std::mt19937 rng{33};
  for (size_t k = 1; k <= 17; k += 4) {
    for (size_t n = 1; n <= 300; n += 13) {
      CAPTURE(k);
      CAPTURE(n);
      wire up, down;
      stream a{port{&up, &down}}, b{port{&down, &up}};
      data first(n), second(n), into(n, 0xaa);
      for (uint8_t& v : first) v = static_cast<uint8_t>(rng() % 4);
      for (uint8_t& v : second) v = static_cast<uint8_t>(rng() % 4);
      CHECK(a.idle());
      REQUIRE(a.send(weir::const_bytes(first.data(), n)) == weir::status::ok);
      CHECK(!a.idle());
      bool sent_second = false;
      std::vector<data> got;
      for (int turn = 0; turn < 3000 && got.size() < 2; ++turn) {
        up.room = k;
        up.there = k;
        if (!sent_second) {
          const weir::status s = a.send(weir::const_bytes(second.data(), n));
          REQUIRE((s == weir::status::ok || s == weir::status::busy));
          sent_second = s == weir::status::ok;
          if (!sent_second) REQUIRE(got.empty());
        } else {
          a.idle();
        }
        const size_t size = b.receive(weir::bytes(into.data(), n));
        if (size != 0) got.emplace_back(into.begin(), into.begin() + static_cast<std::ptrdiff_t>(size));
      }
      REQUIRE(got.size() == 2);
      CHECK(got[0] == first);
      CHECK(got[1] == second);
      CHECK(a.idle());
      CHECK(up.bytes.empty());
    }
  }
}

TEST_CASE("a flood without end, with zeros or without, does not keep the caller of a byte stream for ever") {
  struct flood {
    uint8_t said;
    int* calls;
    int read() const { return ++*calls > 10000 ? -1 : said; }
    bool write(uint8_t) const { return true; }
  };
  uint8_t into[64];
  for (const int b : {0, 1, 2, 200, 255}) {
    CAPTURE(b);
    int calls = 0;
    weir::byte_stream<flood> a{flood{static_cast<uint8_t>(b), &calls}};
    for (int turn = 1; turn <= 3; ++turn) {
      CHECK(a.receive(weir::bytes(into)) == 0);
      CHECK(calls == turn * 255);
    }
    CHECK(a.send(weir::const_bytes(into, 9)) == weir::status::ok);
    CHECK(a.idle());
  }
}

TEST_CASE("a byte stream refuses what no frame is as large as, and goes on") {
  wire up, down;
  up.room = 100;
  stream a{port{&up, &down}};
  const data big(0x4000, 1);
  CHECK(stream::mtu() == 0x3fff);
  CHECK(a.send(weir::const_bytes(big.data(), big.size())) == weir::status::too_big);
  CHECK(up.bytes.empty());
  CHECK(a.send(weir::const_bytes(big.data(), 3)) == weir::status::ok);
  CHECK(up.bytes.size() == 5);
}

TEST_CASE("a buffered stream lets its caller's bytes go at once") {
  wire up, down;
  weir::buffered<stream, 20> a{stream{port{&up, &down}}};
  stream b{port{&down, &up}};
  CHECK(a.mtu() == 20);
  CHECK(!weir::detail::transport_has_idle<decltype(a)>::value);
  CHECK(weir::detail::transport_has_idle<stream>::value);

  data out(20, 3), into(20);
  CHECK(a.send(weir::const_bytes(into.data(), 21)) == weir::status::too_big);
  REQUIRE(a.send(weir::const_bytes(out.data(), 20)) == weir::status::ok);
  out.assign(20, 4);
  CHECK(a.send(weir::const_bytes(out.data(), 20)) == weir::status::busy);
  up.room = up.there = 100;
  CHECK(a.receive(weir::bytes(into.data(), 20)) == 0);  // which writes on, too
  REQUIRE(b.receive(weir::bytes(into.data(), 20)) == 20);
  CHECK(into == data(20, 3));

  // Gathered apart from the caller's buffer, which others use meanwhile.
  down.room = 100;
  REQUIRE(b.send(weir::const_bytes(out.data(), 20)) == weir::status::ok);
  size_t size = 0;
  for (int turn = 0; turn < 30 && size == 0; ++turn) {
    down.there = 1;
    into.assign(20, 0);
    size = a.receive(weir::bytes(into.data(), 20));
  }
  CHECK(size == 20);
  CHECK(into == data(20, 4));

  // Too big for the caller: lost.
  REQUIRE(b.send(weir::const_bytes(out.data(), 20)) == weir::status::ok);
  down.there = 100;
  CHECK(a.receive(weir::bytes(into.data(), 19)) == 0);
}
