// SPDX-License-Identifier: MIT
#include <weir/sim/channel.hpp>
#include <weir/sim/event_queue.hpp>
#include <weir/sim/known_links.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

using weir::sim::channel;
using weir::sim::event_queue;
using weir::sim::link;
using weir::sim::way;

namespace {

/// Packets, one by one.
std::size_t packets(std::size_t datagram, std::size_t mtu) {
  std::size_t n = 1;
  for (; datagram > mtu; datagram -= mtu) ++n;
  return n;
}

/// Tc = L + (S + ceil(S / mtu) * overhead) / (B * duty).
double tc(const way& w, std::size_t s) {
  const double bytes = static_cast<double>(s) + static_cast<double>(packets(s, w.mtu) * w.overhead);
  return w.latency + bytes / (w.bytes_per_second * w.duty);
}

doctest::Approx near(double v) { return doctest::Approx(v).epsilon(1e-12); }

}  // namespace

TEST_CASE("link: a datagram takes Tc, around each multiple of the mtu") {
  for (const link& l : weir::sim::known_links())
    for (const way& w : {l.up, l.down})
      for (std::size_t k = 1; k <= 5; ++k)
        for (const std::size_t size : {k * w.mtu - 1, k * w.mtu, k * w.mtu + 1}) {
          CAPTURE(l.name);
          CAPTURE(size);
          CHECK(w.transfer_seconds(size) == near(tc(w, size)));
          CHECK(w.busy_seconds(size) == near(tc(w, size) - w.latency));
        }
}

TEST_CASE("link: one byte beyond a packet costs another packet's overhead") {
  const way w = {100, 0.5, 0.25, 10, 3};  // 25 bytes a second
  CHECK(w.busy_seconds(1) == near(4.0 / 25));
  CHECK(w.busy_seconds(10) == near(13.0 / 25));
  CHECK(w.busy_seconds(11) == near(17.0 / 25));
  CHECK(w.busy_seconds(20) == near(26.0 / 25));
  CHECK(w.busy_seconds(21) == near(30.0 / 25));
  CHECK(w.transfer_seconds(21) == near(0.5 + 30.0 / 25));
}

TEST_CASE("link: an empty datagram is a packet with nothing in it") {
  for (const link& l : weir::sim::known_links()) {
    CAPTURE(l.name);
    CHECK(l.up.busy_seconds(0) == near(static_cast<double>(l.up.overhead) / (l.up.bytes_per_second * l.up.duty)));
  }
}

TEST_CASE("link: the known ones have names of their own, are found by them, and are possible") {
  for (const link& l : weir::sim::known_links()) {
    CAPTURE(l.name);
    CHECK(weir::sim::find_link(l.name) == &l);  // the first of that name
    for (const way& w : {l.up, l.down}) {
      CHECK(w.bytes_per_second > 0);
      CHECK(w.latency >= 0);
      CHECK(w.duty > 0);
      CHECK(w.duty <= 1);
      CHECK(w.mtu >= 1);
    }
  }
  for (const char* name :
       {"lora_sf7", "lora_sf12", "nb_iot", "802.15.4", "ble", "uart", "wifi", "4g", "intercontinental"}) {
    CAPTURE(name);
    REQUIRE(weir::sim::find_link(name) != nullptr);
    CHECK(weir::sim::find_link(name)->name == name);
  }
  for (const char* name : {"", "lora", "lora_sf70", "LORA_SF7", "wifi ", " wifi", "802.15"}) {
    CAPTURE(name);
    CHECK(weir::sim::find_link(name) == nullptr);
  }
}

TEST_CASE("link: LoRa, as regulators and regional parameters have it") {
  const link& lora = *weir::sim::find_link("lora_sf7");
  CHECK(lora.up.transfer_seconds(222) == near(0.1 + 243 * 8 / 54.7));     // 1 % of 5,470 bit/s
  CHECK(lora.down.transfer_seconds(222) == near(0.1 + 243 * 8 / 547.0));  // 10 %
}

TEST_CASE("link: LoRa's airtime, as Semtech's formula has it, within 4 %") {
  // AN1200.13: preamble of 12.25 symbols, then 8 + ceil((8 PL - 4 SF + 28 + 16) / (4 (SF - 2 DE))) * 5 at code rate 4/5, with
  // header and check; PL is the payload and 13 bytes of LoRaWAN.
  const auto airtime = [](int sf, int low_rate, std::size_t payload) {
    const double bits = 8.0 * static_cast<double>(payload + 13) - 4 * sf + 28 + 16;
    return (12.25 + 8 + std::ceil(bits / (4 * (sf - 2 * low_rate))) * 5) * std::pow(2, sf) / 125000;
  };
  const auto on_air = [](const char* name, std::size_t payload) {
    const way& w = weir::sim::find_link(name)->up;
    return w.lone_seconds(payload) - w.latency;
  };
  for (const std::size_t payload : {10u, 20u, 40u, 51u}) {
    CAPTURE(payload);
    CHECK(on_air("lora_sf12", payload) == doctest::Approx(airtime(12, 1, payload)).epsilon(0.04));
    CHECK(on_air("lora_sf7", payload) == doctest::Approx(airtime(7, 0, payload)).epsilon(0.1));
  }
  CHECK(on_air("lora_sf12", 51) == doctest::Approx(2.793).epsilon(0.01));
  CHECK(on_air("lora_sf7", 222) == doctest::Approx(airtime(7, 0, 222)).epsilon(0.04));
}

TEST_CASE("channel: datagrams follow one another; latency does not add up") {
  const way w = {100, 2, 1, 10, 0};  // a byte in 10 ms
  channel c(w);
  const auto sent = [&c](double now, std::size_t size) { return c.send(now, size).arrives[0]; };
  CHECK(c.free_at() == 0.0);
  CHECK(sent(5, 100) == near(8));  // leaves from 5 to 6
  CHECK(c.free_at() == near(6));
  CHECK(sent(5, 50) == near(8.5));
  CHECK(sent(5.5, 50) == near(9));
  CHECK(c.free_at() == near(7));
  CHECK(sent(7, 100) == near(10));   // just free
  CHECK(sent(20, 100) == near(23));  // idle since 8
  CHECK(c.free_at() == near(21));
  CHECK(c.properties().mtu == 10);
}

TEST_CASE("channel: with a duty cycle, silence follows each packet") {
  const way w = {100, 2, 0.1, 10, 0};  // 0.1 s a packet, then 0.9 s of silence
  channel c(w);
  weir::sim::passage p = c.send(0, 10);
  CHECK(p.left == near(0.1));
  CHECK(p.arrives[0] == near(2.1));
  CHECK(c.free_at() == near(1));
  p = c.send(0.5, 25);  // packets from 1, 2 and 3 on; the last one is half as long, and so is its silence
  CHECK(p.began == near(1));
  CHECK(p.left == near(3.05));
  CHECK(p.arrives[0] == near(5.05));
  CHECK(c.free_at() == near(3.5));
  p = c.send(10, 10);  // rested
  CHECK(p.arrives[0] == near(12.1));
  CHECK(p.arrives[0] - 10 == near(w.lone_seconds(10)));
  CHECK(w.transfer_seconds(10) == near(3));
}

TEST_CASE("channel: what follows one another takes Tc each, over all known links, dense and compressed") {
  for (const link& l : weir::sim::known_links())
    for (const way& w : {l.up, l.down})
      for (const std::size_t size :
           {std::size_t(12), std::size_t(60), std::size_t(500), std::size_t(4850), std::size_t(407080)}) {
        CAPTURE(l.name);
        CAPTURE(size);
        channel c(w);
        c.send(0, size);
        double last = c.send(0, size).arrives[0];
        const double first = last;
        for (int i = 0; i < 10; ++i) last = c.send(c.free_at(), size).arrives[0];  // it never waits for another
        CHECK((last - first) / 10 + w.latency == doctest::Approx(w.transfer_seconds(size)).epsilon(0.001));
        // One that comes alone is there sooner by the last packet's silence: nothing where there is no duty cycle, and next
        // to nothing of many packets.
        const double begins = c.free_at() + 1000;
        const double lone = c.send(begins, size).arrives[0] - begins;
        CHECK(lone == doctest::Approx(w.lone_seconds(size)).epsilon(1e-6));
        CHECK(lone <= w.transfer_seconds(size) * (1 + 1e-9));
        if (w.duty == 1 || size > 11 * w.mtu) CHECK(lone == doctest::Approx(w.transfer_seconds(size)).epsilon(0.1));
      }
}

TEST_CASE("channel: what was sent arrives in that order, and never sooner than on an idle way") {
  for (const link& l : weir::sim::known_links()) {
    CAPTURE(l.name);
    std::mt19937 rng{7};
    channel c(l.up);
    double now = 0, last = 0, busy = 0;
    for (int i = 0; i < 1000; ++i) {
      const std::size_t size = rng() % 600;
      now += l.up.busy_seconds(300) * 2e-3 * static_cast<double>(rng() % 1000);  // as much as it can carry, on average
      const double arrives = c.send(now, size).arrives[0];
      busy += l.up.busy_seconds(size);
      REQUIRE(arrives >= last);
      REQUIRE(arrives >= now + l.up.lone_seconds(size) * (1 - 1e-6));
      REQUIRE(arrives == near(c.free_at() - l.up.last_silence(size) + l.up.latency));
      last = arrives;
    }
    CHECK(c.free_at() >= busy * (1 - 1e-6));
  }
}

TEST_CASE("event_queue: by time, and by the order of planning where times are equal") {
  event_queue<char> q;
  CHECK(q.empty());
  CHECK(q.now() == 0.0);
  q.at(2, 'c');
  q.at(1, 'a');
  q.at(2, 'd');
  q.at(1, 'b');
  CHECK(!q.empty());
  CHECK(q.next() == 'a');
  CHECK(q.now() == 1.0);
  CHECK(q.next() == 'b');
  q.at(2, 'e');
  q.at(1.5, 'x');
  CHECK(q.next() == 'x');
  CHECK(q.next() == 'c');
  CHECK(q.next() == 'd');
  CHECK(q.next() == 'e');
  CHECK(q.now() == 2.0);
  CHECK(q.empty());
}

TEST_CASE("event_queue: the past happens now, after what is planned for now") {
  event_queue<char> q;
  q.at(5, 'a');
  q.at(5, 'b');
  CHECK(q.next() == 'a');
  q.at(3, 'c');
  q.at(-1e300, 'd');
  q.at(5, 'e');
  for (const char wanted : {'b', 'c', 'd', 'e'}) {
    CHECK(q.next() == wanted);
    CHECK(q.now() == 5.0);
  }
  q.at(0, 'f');
  CHECK(q.next() == 'f');
  CHECK(q.now() == 5.0);
}

TEST_CASE("event_queue: as a stable sort has it, all planned first") {
  for (std::uint32_t seed = 0; seed < 50; ++seed) {
    CAPTURE(seed);
    std::mt19937 rng{seed};
    event_queue<int> q;
    std::vector<std::pair<double, int>> wanted;
    for (int i = 0; i < 500; ++i) {
      const double seconds = 0.25 * static_cast<double>(rng() % 40);  // many at the same time
      wanted.emplace_back(seconds, i);
      q.at(seconds, i);
    }
    std::stable_sort(wanted.begin(), wanted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& w : wanted) {
      REQUIRE(q.next() == w.second);
      REQUIRE(q.now() == w.first);
    }
    CHECK(q.empty());
  }
}

TEST_CASE("event_queue: as a stable sort has it, planned while it runs") {
  for (std::uint32_t seed = 0; seed < 50; ++seed) {
    CAPTURE(seed);
    std::mt19937 rng{seed};
    event_queue<int> q;
    std::vector<std::pair<double, int>> waiting;  // in the order of planning
    int planned = 0;
    for (int turn = 0; turn < 500; ++turn) {
      for (std::uint32_t n = rng() % 4; n > 0; --n) {
        const double seconds = q.now() + 0.25 * (static_cast<double>(rng() % 12) - 4);  // a third in the past
        waiting.emplace_back(std::max(seconds, q.now()), planned);
        q.at(seconds, planned++);
      }
      REQUIRE(q.empty() == waiting.empty());
      if (waiting.empty()) continue;
      const auto first = std::min_element(waiting.begin(), waiting.end(),
                                          [](const auto& a, const auto& b) { return a.first < b.first; });
      REQUIRE(q.next() == first->second);
      REQUIRE(q.now() == first->first);
      waiting.erase(first);
    }
    CHECK(planned > 500);
  }
}

TEST_CASE("event_queue: events that can only be moved") {
  event_queue<std::unique_ptr<std::string>> q;
  const char* const texts[] = {"of more characters than a short string holds in place", "b", "c", "d", "e"};
  for (int i = 4; i >= 0; --i) q.at(i, std::make_unique<std::string>(texts[i]));
  for (const char* const text : texts) {
    const std::unique_ptr<std::string> event = q.next();
    REQUIRE(event != nullptr);
    CHECK(*event == text);
  }
  CHECK(q.empty());
}
