// SPDX-License-Identifier: MIT
#include <weir/sim/event_queue.hpp>
#include <weir/sim/link.hpp>

#include <doctest/doctest.h>

#include <algorithm>
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
  for (const char* name : {"lora_sf7", "802.15.4", "ble", "uart", "wifi", "intercontinental"}) {
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

TEST_CASE("channel: datagrams follow one another; latency does not add up") {
  channel c({100, 2, 1, 10, 0});  // a byte in 10 ms
  CHECK(c.free_at() == 0.0);
  CHECK(c.send(5, 100) == near(8));  // leaves from 5 to 6
  CHECK(c.free_at() == near(6));
  CHECK(c.send(5, 50) == near(8.5));
  CHECK(c.send(5.5, 50) == near(9));
  CHECK(c.free_at() == near(7));
  CHECK(c.send(7, 100) == near(10));   // just free
  CHECK(c.send(20, 100) == near(23));  // idle since 8
  CHECK(c.free_at() == near(21));
  CHECK(c.properties().mtu == 10);
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
      const double arrives = c.send(now, size);
      busy += l.up.busy_seconds(size);
      REQUIRE(arrives >= last + l.up.busy_seconds(size) * (1 - 1e-6));
      REQUIRE(arrives >= now + l.up.transfer_seconds(size) * (1 - 1e-6));
      REQUIRE(arrives == near(c.free_at() + l.up.latency));
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
