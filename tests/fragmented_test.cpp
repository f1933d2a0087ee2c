// SPDX-License-Identifier: MIT
#include <weir/transport/fragmented.hpp>

#include <doctest/doctest.h>
#include <algorithm>
#include <cstring>
#include <deque>
#include <vector>
#include <weir/weir.hpp>

#include "support/small_fleet.hpp"

namespace {

typedef std::vector<uint8_t> data;

/// What goes one way: packets that the test may look at, take away, or add.
struct medium {
  std::deque<data> packets;
  size_t mtu = 20;
  size_t room = 1000;
  size_t sent = 0;
};
/// One end, a value like any transport.
struct end {
  medium* out;
  medium* in;
  size_t mtu() const { return out->mtu; }
  weir::status send(weir::const_bytes d) const {
    CHECK(d.size() <= out->mtu);
    if (out->packets.size() >= out->room) return weir::status::busy;
    out->packets.push_back(data(d.begin(), d.end()));
    ++out->sent;
    return weir::status::ok;
  }
  size_t receive(weir::bytes into) const {
    if (in->packets.empty()) return 0;
    const data d = in->packets.front();
    in->packets.pop_front();
    if (d.size() > into.size()) return 0;
    std::copy(d.begin(), d.end(), into.begin());
    return d.size();
  }
};

constexpr size_t most = 600;
typedef weir::fragmented<end, most, 255> line;

struct pair_of_lines {
  medium there, back;
  line a{end{&there, &back}, 100};
  line b{end{&back, &there}, 100};
  uint32_t now = 0xfffff000;  // wraps
  pair_of_lines() { tick(0); }
  void tick(uint32_t ms) {
    now += ms;
    a.tick(now);
    b.tick(now);
  }
};

weir::const_bytes view(const data& d) { return weir::const_bytes(d.data(), d.size()); }
data receive(line& l, size_t room = most) {
  data into(room + 1, 0xaa);
  const size_t size = l.receive(weir::bytes(into.data(), room));
  REQUIRE(into[room] == 0xaa);
  into.resize(size);
  return into;
}
data some(weir::random_bits& random, size_t size) {
  data d(size);
  for (uint8_t& b : d) b = static_cast<uint8_t>(random.below(256));
  d[0] = 0x11;  // as a frame begins
  return d;
}

}  // namespace

TEST_CASE("what fits a packet goes as it is; what does not, in pieces of two bytes more") {
  pair_of_lines p;
  weir::random_bits random(1);
  const data small = some(random, 20), large = some(random, 43);
  CHECK(p.a.send(view(small)) == weir::status::ok);
  CHECK(p.there.packets.front() == small);
  CHECK(receive(p.b) == small);

  CHECK(p.a.send(view(large)) == weir::status::ok);
  REQUIRE(p.there.packets.size() == 3);
  for (size_t i = 0; i < 3; ++i) {
    const data& piece = p.there.packets[i];
    data want = {0xe1, static_cast<uint8_t>(4 * i + (i == 2 ? 1 : 0))};  // units of 8 bytes, twice; the last one
    want.insert(want.end(), large.begin() + static_cast<long>(16 * i),
                large.begin() + static_cast<long>(std::min<size_t>(16 * i + 16, 43)));
    CHECK(piece == want);
  }
  CHECK(receive(p.b) == large);
  CHECK(receive(p.b).empty());
  CHECK(p.back.packets.empty());
}

TEST_CASE("a datagram that begins like a piece is a piece") {
  pair_of_lines p;
  for (const uint8_t first : data{0xdf, 0xe0, 0xef, 0xf0, 0xff}) {
    const data d = {first, 1, 2};
    CHECK(p.a.send(view(d)) == weir::status::ok);
    CHECK(p.there.packets.front().size() == (first == 0xdf ? 3 : 5));
    CHECK(receive(p.b) == d);
  }
  CHECK(p.a.send(weir::const_bytes()) == weir::status::ok);
}

TEST_CASE("only what is missing is asked for, and sent again") {
  pair_of_lines p;
  weir::random_bits random(2);
  const data d = some(random, 160);  // ten packets
  CHECK(p.a.send(view(d)) == weir::status::ok);
  p.there.packets.erase(p.there.packets.begin() + 7);
  p.there.packets.erase(p.there.packets.begin() + 2);
  CHECK(receive(p.b).empty());
  p.tick(99);
  CHECK(receive(p.b).empty());
  CHECK(p.back.packets.empty());  // a piece may still come
  p.tick(1);
  CHECK(receive(p.b).empty());
  REQUIRE(p.back.packets.size() == 1);
  // Units 4, 5, 14 and 15 of 20; twice 4, then bits from unit 4 on.
  CHECK(p.back.packets.front() == data{0xf1, 8, 0x03, 0x0c});
  CHECK(receive(p.a).empty());
  CHECK(p.a.idle());
  REQUIRE(p.there.packets.size() == 2);
  CHECK(receive(p.b) == d);
}

TEST_CASE("the reports of weir/wire/README.md") {
  const data d(43, 0x11);
  for (const size_t lost : {1u, 2u}) {
    pair_of_lines p;
    p.a.send(view(d));
    p.there.packets.erase(p.there.packets.begin() + static_cast<long>(lost));
    receive(p.b);
    p.tick(100);
    receive(p.b);
    CHECK(p.back.packets.front() == (lost == 1 ? data{0xf1, 4, 3} : data{0xf1, 9}));
  }
}

TEST_CASE("the end is missing: all behind what was heard of is asked for") {
  pair_of_lines p;
  weir::random_bits random(3);
  const data d = some(random, 100);
  CHECK(p.a.send(view(d)) == weir::status::ok);
  p.there.packets.erase(p.there.packets.begin() + 2, p.there.packets.end());
  p.there.packets.erase(p.there.packets.begin());  // only units 2 and 3 came
  CHECK(receive(p.b).empty());
  p.tick(100);
  CHECK(receive(p.b).empty());
  CHECK(p.back.packets.front() == data{0xf1, 1, 0xf3});  // from unit 0; bits 4 to 7, and all behind, are of the unknown
  CHECK(receive(p.a).empty());
  CHECK(p.a.idle());
  CHECK(p.there.packets.size() == 6);  // 0 and 1 in one, 4 to 12 in five
  CHECK(receive(p.b) == d);
}

TEST_CASE("a datagram of more than 64 KiB: places of three bytes, and reports that name as much as fits") {
  typedef weir::fragmented<end, 70000, 27> large;  // three units in a packet, and two where the place has three bytes
  medium there, back;
  there.room = 10000;
  there.mtu = 27;
  large a(end{&there, &back}, 100), b(end{&back, &there}, 100);
  weir::random_bits random(8);
  const data d = some(random, 70000);
  data into(70000);
  CHECK(a.send(view(d)) == weir::status::ok);
  CHECK(there.packets.back().size() == 4 + 8);
  CHECK(data(there.packets.back().begin(), there.packets.back().begin() + 4) == data{0xe1, 0xdb, 0x88, 0x01});
  there.packets.erase(there.packets.begin() + 10, there.packets.end() - 5);
  there.packets.pop_back();  // the end is not known, and what is missing before it does not fit a report
  size_t size = 0;
  uint32_t now = 0, reports = 0;
  for (; size == 0 && now < 100000; now += 100) {
    a.tick(now);
    b.tick(now);
    for (int turns = 0; turns < 20 && size == 0; ++turns) size = b.receive(weir::bytes(into.data(), into.size()));
    if (now == 100) {
      REQUIRE(back.packets.size() == 1);
      CHECK(back.packets.front().size() == 20);
      CHECK(data(back.packets.front().begin(), back.packets.front().begin() + 3) == data{0xf1, 60, 0xff});
    }
    reports += static_cast<uint32_t>(back.packets.size());
    a.receive(weir::bytes(into.data(), 0));
  }
  CHECK(size == d.size());
  CHECK(into == d);
  CHECK(reports > 8000 / 144);  // bits in 18 bytes
}

TEST_CASE("a report that the line does not take is not one of the six") {
  pair_of_lines p;
  weir::random_bits random(9);
  const data d = some(random, 100);
  p.a.send(view(d));
  p.there.packets.pop_front();
  receive(p.b);
  p.back.room = 0;
  for (int i = 0; i < 100; ++i) {
    p.tick(100);
    receive(p.b);
  }
  p.back.room = 1;
  receive(p.b);
  CHECK(p.back.packets.size() == 1);
  CHECK(receive(p.a).empty());
  CHECK(p.a.idle());
  CHECK(receive(p.b) == d);
}

TEST_CASE("reports come ever more slowly, and end; the next datagram is taken") {
  pair_of_lines p;
  weir::random_bits random(4);
  const data d = some(random, 100);
  p.a.send(view(d));
  p.there.packets.erase(p.there.packets.begin());
  receive(p.b);
  uint32_t waited = 0;
  std::vector<uint32_t> when;
  for (int i = 0; i < 100; ++i) {
    p.tick(100);
    waited += 100;
    receive(p.b);
    if (!p.back.packets.empty()) when.push_back(waited);
    p.back.packets.clear();
  }
  CHECK(when == std::vector<uint32_t>{100, 200, 400, 800, 1600, 3200});
  p.a.send(view(d));
  CHECK(receive(p.b) == d);
}

TEST_CASE("bytes that have changed meanwhile are not taken for the old ones") {
  pair_of_lines p;
  weir::random_bits random(5);
  data d = some(random, 100);
  p.a.send(view(d));
  p.there.packets.pop_back();
  receive(p.b);
  p.tick(100);
  receive(p.b);
  d[50] ^= 1;
  CHECK(receive(p.a).empty());
  CHECK(p.a.idle());
  CHECK(p.there.packets.empty());
}

TEST_CASE("a busy line: nothing is lost, and the bytes are not free before all have left") {
  pair_of_lines p;
  weir::random_bits random(6);
  const data d = some(random, 200);
  p.there.room = 1;
  CHECK(p.a.send(view(d)) == weir::status::ok);
  CHECK(!p.a.idle());
  CHECK(p.a.send(view(d)) == weir::status::busy);
  data got;
  for (int i = 0; i < 13 && got.empty(); ++i) {
    got = receive(p.b);
    p.a.idle();
  }
  CHECK(got == d);
  CHECK(p.a.idle());
  CHECK(p.there.sent == 13);
}

TEST_CASE("too big, and packets too small") {
  pair_of_lines p;
  CHECK(line::mtu() == most);
  const data d(most + 1, 1), fits(most, 1);
  CHECK(p.a.send(view(d)) == weir::status::too_big);
  p.there.mtu = 19;
  CHECK(p.a.send(view(fits)) == weir::status::too_big);
  p.there.mtu = 20;
  CHECK(p.a.send(view(fits)) == weir::status::ok);
  CHECK(receive(p.b).empty());  // 16 packets in one call
  CHECK(receive(p.b).empty());
  CHECK(receive(p.b) == fits);
  p.a.send(view(fits));
  for (int i = 0; i < 3; ++i) CHECK(receive(p.b, most - 1).empty());  // lost in a smaller buffer
  p.there.mtu = 25;
  p.there.room = 1;
  p.there.packets.clear();
  CHECK(p.a.send(view(fits)) == weir::status::ok);
  p.there.packets.clear();
  p.there.mtu = 9;
  CHECK(!p.a.idle());  // it waits for better times
  p.there.mtu = 25;
  p.there.room = 1000;
  CHECK(p.a.idle());
}

TEST_CASE("pieces that contradict what is known change nothing") {
  typedef weir::fragmented<end, 40, 255> small;
  medium out, in;
  small s(end{&out, &in}, 100);
  const auto take = [&](uint8_t tag, unsigned unit, bool last, size_t size, uint8_t fill) {
    data packet(2 + size, fill);
    packet[0] = static_cast<uint8_t>(0xe0 | tag);
    packet[1] = static_cast<uint8_t>(2 * unit + (last ? 1 : 0));
    in.packets.push_back(packet);
    data into(100);
    into.resize(s.receive(weir::bytes(into.data(), into.size())));
    return into;
  };
  const auto bytes = [](std::initializer_list<std::pair<size_t, uint8_t>> runs) {
    data d;
    for (const auto& r : runs) d.insert(d.end(), r.first, r.second);
    return d;
  };
  CHECK(take(1, 0, true, 41, 1).empty());    // more than it carries
  CHECK(take(1, 5, true, 1, 1).empty());     // behind it
  CHECK(take(1, 0, false, 7, 1).empty());    // not whole units
  CHECK(take(1, 2, false, 8, 1).empty());    // the first that makes sense
  CHECK(take(1, 0, true, 10, 2).empty());    // ends before what is here
  CHECK(take(1, 3, true, 6, 3).empty());     // the end: 30 bytes
  CHECK(take(1, 3, true, 5, 4).empty());     // another end
  CHECK(take(1, 3, false, 16, 4).empty());   // behind the end
  CHECK(take(0, 0, false, 16, 5).empty());   // of a datagram before
  CHECK(take(10, 0, false, 16, 5).empty());  // seven before
  CHECK(take(1, 0, false, 16, 6) == bytes({{16, 6}, {8, 1}, {6, 3}}));
  CHECK(take(1, 0, true, 8, 7).empty());  // once more, late
  CHECK(take(2, 0, false, 8, 7).empty());
  CHECK(take(11, 0, true, 9, 8).empty());        // seven before
  CHECK(take(10, 0, true, 9, 8) == data(9, 8));  // eight ahead
  s.tick(6400);                                  // a sender that began anew may have any number
  CHECK(take(10, 0, true, 9, 9) == data(9, 9));
}

TEST_CASE("only news put a report off, and a report about another datagram is nobody's") {
  pair_of_lines p;
  const data d(64, 0x11);
  p.a.send(view(d));
  const data first = p.there.packets.front();
  p.there.packets.resize(1);
  receive(p.b);
  for (int i = 0; i < 2; ++i) {
    p.tick(50);
    CHECK(p.back.packets.empty());
    p.there.packets.push_back(first);
    receive(p.b);
  }
  REQUIRE(p.back.packets.size() == 1);
  p.back.packets.front()[0] ^= 3;  // the tag
  receive(p.a);
  CHECK(p.a.idle());
  CHECK(p.there.packets.empty());
}

TEST_CASE("any network, any size of packets, changing meanwhile: each datagram arrives once and whole, or not at all") {
  for (uint32_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    pair_of_lines p;
    weir::random_bits random(seed);
    const unsigned drop = random.below(4) == 0 ? 0 : random.below(50);
    const unsigned repeat = random.below(3) == 0 ? 20 : 0;
    const unsigned shuffle = random.below(3) == 0 ? 30 : 0;
    const bool changing = random.below(2) == 0;
    p.there.mtu = p.back.mtu = 20 + random.below(100);
    int arrived = 0;
    const int datagrams = 12;
    for (int k = 0; k < datagrams; ++k) {
      const data d = some(random, 1 + random.below(most));
      REQUIRE(p.a.send(view(d)) == weir::status::ok);
      int copies = 0;
      for (int turns = 0; turns < 250; ++turns) {
        for (medium* m : {&p.there, &p.back}) {
          std::deque<data> next;
          for (const data& packet : m->packets) {
            if (random.below(100) < drop) continue;
            next.push_back(packet);
            if (random.below(100) < repeat) next.push_back(packet);
          }
          for (size_t i = 1; i < next.size(); ++i)
            if (random.below(100) < shuffle) std::swap(next[i], next[random.below(static_cast<uint32_t>(i))]);
          m->packets.swap(next);
        }
        if (changing) p.there.mtu = p.back.mtu = 20 + random.below(100);
        const data got = receive(p.b);
        CHECK(receive(p.a).empty());
        if (!got.empty()) {
          CHECK(got == d);
          ++copies;
        }
        p.tick(20);
        if (copies != 0 && turns > 5) break;
      }
      CHECK(copies <= (d.size() <= 119 ? 1 + int(repeat) : 1));  // whole packets repeat as the network has it
      if (copies != 0) ++arrived;
    }
    if (drop == 0) CHECK(arrived == datagrams);
    if (drop < 10) CHECK(arrived >= datagrams - 3);
    CHECK(arrived >= datagrams / 3);
  }
}

TEST_CASE("any bytes: nothing is written past the buffer, and what is sent again is what was sent") {
  weir::random_bits random(77);
  pair_of_lines p;
  const data d = some(random, most);
  p.there.mtu = 255;
  p.a.send(view(d));
  p.there.packets.clear();
  for (int i = 0; i < 60000; ++i) {
    data packet(1 + random.below(40));
    for (uint8_t& b : packet) b = static_cast<uint8_t>(random.below(4) == 0 ? 0xff : random.below(256));
    packet[0] = static_cast<uint8_t>(0xe0 | random.below(32));
    if (random.below(2) == 0 && packet.size() > 1) packet[1] = static_cast<uint8_t>(random.below(128));
    (random.below(2) == 0 ? p.there : p.back).packets.push_back(packet);
    receive(p.a);
    const data got = receive(p.b);
    CHECK(got.size() <= most);
    p.tick(random.below(50));
    p.a.idle();
    for (const data& out : p.there.packets) {
      if (out[0] != 0xe1 || out.size() < 3 || p.there.packets.size() > 50) continue;
      CHECK(out.size() <= 255);
    }
    p.there.packets.clear();
    p.back.packets.clear();
  }
  p.tick(1000000);
  for (int i = 0; i < 8; ++i) {
    receive(p.b);
    p.tick(1000000);
  }
  p.there.packets.clear();
  p.a.send(view(d));
  CHECK(receive(p.b) == d);
}

TEST_CASE("workers and a coordinator train over packets of twenty bytes of which a fifth gets lost") {
  using namespace test_support;
  typedef weir::pipeline<weir::sgd, weir::fixed_wt, weir::ternary, weir::fragmented<end, 64, 20>> pipe;
  typedef weir::worker<small_number, small_net, weir::softmax_cross_entropy, pipe> node;
  typedef weir::buffered<weir::fragmented<end, 64, 20>, 64> center_line;
  medium up[3], down[3];
  std::vector<center_line> lines;
  static node nodes[3];
  small_coordinator center;
  center.begin(make_link(), weir::fleet_terms{3, 0, 0, 0});
  for (uint16_t i = 0; i < 3; ++i) {
    lines.push_back(center_line(weir::fragmented<end, 64, 20>(end{&down[i], &up[i]}, 50)));
    nodes[i].begin(pipe{weir::sgd{0.1f}, weir::fixed_wt{0.002f}, weir::ternary{},
                        weir::fragmented<end, 64, 20>(end{&up[i], &down[i]}, 50)},
                   weir::rank_t{i});
    nodes[i].set_resend_ms(1500);
  }
  weir::star<center_line> hub{weir::span<center_line>(lines.data(), 3)};
  weir::random_bits random(9);
  uint32_t now = 0;
  while (center.round_number() < 40) {
    now += 10;
    REQUIRE(now < 4000000);
    for (medium* m : {&up[0], &up[1], &up[2], &down[0], &down[1], &down[2]}) {
      std::deque<data> kept;
      for (const data& packet : m->packets)
        if (random.below(5) != 0) kept.push_back(packet);
      m->packets.swap(kept);
    }
    for (node& n : nodes) {
      if (n.member_state() == weir::membership::member && n.batches() == 0) {
        small_number x[5];
        for (small_number& v : x)
          v = small_number::from_raw(static_cast<int16_t>(static_cast<int32_t>(random.below(8192)) - 4096));
        n.train(x, static_cast<weir::index_t>(random.below(3)));
      }
      n.poll(now);
    }
    center.poll(hub, now);
  }
  for (int i = 0; i < 100000 && nodes[0].round_number() + nodes[1].round_number() + nodes[2].round_number() != 120;
       ++i) {
    now += 10;
    for (node& n : nodes) n.poll(now);
    center.poll(hub, now);
  }
  for (node& n : nodes) {
    CHECK(n.round_number() == 40);
    CHECK(std::memcmp(n.weights().data(), center.weights().data(), sizeof(small_number) * small_net::parameters()) ==
          0);
  }
}
