// SPDX-License-Identifier: MIT
#include <weir/sim/channel.hpp>
#include <weir/sim/device.hpp>
#include <weir/sim/known_links.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

using weir::sim::chances;
using weir::sim::channel;
using weir::sim::fate;
using weir::sim::faults;
using weir::sim::passage;
using weir::sim::way;

namespace {

/// 100 bytes a second in packets of 10; half a second of latency.
way way_with(const faults& f) {
  way w = {100, 0.5, 1, 10, 0};
  w.trouble = f;
  return w;
}

struct tally {
  int lost = 0, flipped = 0, truncated = 0, twice = 0, overtaken = 0;
  std::vector<int> bursts;  // lengths of runs of lost datagrams
  double delay = 0;         // mean, beyond the latency
};

/// So many datagrams, one after the other.
tally send(const way& w, int datagrams, std::size_t size, std::uint64_t seed) {
  tally t;
  channel c(w, chances(seed));
  int run = 0;
  double last = 0, sum = 0;
  int arrived = 0;
  for (int i = 0; i < datagrams; ++i) {
    const passage p = c.send(c.free_at(), size);
    if (p.what == fate::lost) {
      ++t.lost;
      ++run;
      continue;
    }
    if (run != 0) t.bursts.push_back(run);
    run = 0;
    if (p.what == fate::flipped) ++t.flipped;
    if (p.what == fate::truncated) ++t.truncated;
    if (p.copies == 2) ++t.twice;
    if (p.arrives[0] < last) ++t.overtaken;
    last = p.arrives[0];
    sum += p.arrives[0] - p.left - w.latency;
    ++arrived;
  }
  t.delay = arrived == 0 ? 0 : sum / arrived;
  return t;
}

doctest::Approx about(double v) { return doctest::Approx(v).epsilon(0.03); }

}  // namespace

TEST_CASE("chances: another stream for each of many, uniform, and as likely as asked for") {
  std::set<std::uint64_t> firsts;
  for (std::uint64_t rank = 0; rank < 1000; ++rank)
    for (std::uint64_t what = 0; what < 4; ++what) firsts.insert(chances(1, rank, what).next());
  CHECK(firsts.size() == 4000);
  chances c(3);
  int below[7] = {}, happened = 0;
  double mean = 0, waited = 0;
  for (int i = 0; i < 70000; ++i) {
    ++below[c.below(7)];
    mean += c.unit() / 70000;
    waited += c.waiting(5) / 70000;
    happened += c.happens(0.2) ? 1 : 0;
    REQUIRE(!c.happens(0));
    REQUIRE(c.happens(1));
  }
  for (const int n : below) CHECK(n == about(10000).epsilon(0.05));
  CHECK(mean == about(0.5));
  CHECK(waited == about(5));
  CHECK(happened == about(14000));
}

TEST_CASE("faults: none, as they are") {
  CHECK(faults().possible());
  CHECK(faults().mean_loss() == 0.0);
  const tally t = send(way_with(faults()), 1000, 25, 1);
  CHECK(t.lost + t.flipped + t.truncated + t.twice + t.overtaken == 0);
  CHECK(t.delay == doctest::Approx(0));
}

TEST_CASE("faults: so much of independent loss; of several packets all must come through") {
  faults f;
  f.loss = 0.1;
  CHECK(f.mean_loss() == doctest::Approx(0.1));
  const tally one = send(way_with(f), 100000, 10, 1);
  CHECK(one.lost == about(10000));
  double run = 0;
  for (const int n : one.bursts) run += n;
  CHECK(run / static_cast<double>(one.bursts.size()) == about(1 / 0.9));
  CHECK(send(way_with(f), 100000, 30, 1).lost == about(100000 * (1 - std::pow(0.9, 3))));
}

TEST_CASE("faults: a link that tries again loses less, and takes longer") {
  faults f;
  f.loss = 0.3;
  f.tries = 3;
  const way w = way_with(f);
  CHECK(send(w, 100000, 10, 1).lost == about(2700));
  channel c(w, chances(4));
  int lost = 0;
  for (int i = 0; i < 20000; ++i) {
    const passage p = c.send(c.free_at(), 25);  // three packets, of 0.1, 0.1 and 0.05 s
    lost += p.copies == 0 ? 1 : 0;
    REQUIRE(c.free_at() - p.began >= 0.2499);
    REQUIRE(c.free_at() - p.began <= 0.7501);
  }
  CHECK(lost == about(20000 * (1 - std::pow(1 - 0.027, 3))).epsilon(0.1));
  CHECK(c.free_at() == about(20000 * 0.25 * (1 + 0.3 + 0.09)));
}

TEST_CASE("faults: Gilbert and Elliott's bursts have the rate of loss and the mean length that were asked for") {
  for (const double share : {0.02, 0.1, 0.3})
    for (const double packets : {1.5, 4.0, 20.0}) {
      CAPTURE(share);
      CAPTURE(packets);
      const faults f = weir::sim::bursts_of(share, packets);
      REQUIRE(f.possible());
      CHECK(f.mean_loss() == doctest::Approx(share));
      const int datagrams = static_cast<int>(20000 * packets / share);  // so many bursts
      const tally t = send(way_with(f), datagrams, 10, 5);
      CHECK(t.lost == about(share * datagrams));
      double sum = 0;
      for (const int n : t.bursts) sum += n;
      CHECK(sum / static_cast<double>(t.bursts.size()) == about(packets));
    }
}

TEST_CASE("faults: in a burst some come through, outside of it some do not") {
  faults f = weir::sim::bursts_of(0.25, 8);
  f.burst_loss = 0.6;
  f.loss = 0.04;
  CHECK(f.bad_share() == doctest::Approx(0.25));
  CHECK(f.mean_loss() == doctest::Approx(0.25 * 0.6 + 0.75 * 0.04));
  CHECK(send(way_with(f), 500000, 10, 2).lost == about(500000 * f.mean_loss()));
}

TEST_CASE("faults: shares of what is doubled, damaged and cut") {
  faults f;
  f.duplicated = 0.2;
  f.flipped = 0.1;
  f.truncated = 0.3;
  const tally t = send(way_with(f), 100000, 10, 3);
  CHECK(t.twice == about(20000));
  CHECK(t.flipped == about(10000));
  CHECK(t.truncated == about(0.3 * 90000));
}

TEST_CASE("faults: jitter is so long on average, and overtakes unless it is kept in order") {
  for (const auto shape : {weir::sim::jitter_shape::uniform, weir::sim::jitter_shape::exponential}) {
    faults f;
    f.jitter = 0.25;
    f.shape = shape;
    const tally t = send(way_with(f), 50000, 10, 3);
    CHECK(t.delay == about(0.25));
    CHECK(t.overtaken > 5000);
    f.in_order = true;
    CHECK(send(way_with(f), 50000, 10, 3).overtaken == 0);
  }
  faults f;
  f.jitter = 0.25;
  f.shape = weir::sim::jitter_shape::uniform;
  const way w = way_with(f);
  channel c(w, chances(9));
  for (int i = 0; i < 1000; ++i) {
    const passage p = c.send(c.free_at(), 10);
    REQUIRE(p.arrives[0] >= p.left + 0.5);
    REQUIRE(p.arrives[0] <= p.left + 1.0);
  }
}

TEST_CASE("faults: detours") {
  faults f;
  f.detour = 0.1;
  f.detour_seconds = 20;
  const tally t = send(way_with(f), 50000, 10, 3);
  CHECK(t.delay == doctest::Approx(1).epsilon(0.05));
  CHECK(t.overtaken > 3000);
}

TEST_CASE("faults: a damaged datagram is another one, and a cut one is shorter") {
  chances c(5);
  std::set<int> flips;
  for (int i = 0; i < 20000; ++i) {
    std::vector<std::uint8_t> d(1 + c.below(40), 0x5a);
    const std::size_t size = d.size();
    weir::sim::flip_bits(d, c);
    REQUIRE(d.size() == size);
    int turned = 0;
    for (const std::uint8_t b : d)
      for (int bit = 0; bit < 8; ++bit) turned += ((b ^ 0x5a) >> bit) & 1;
    flips.insert(turned);
  }
  CHECK(flips == std::set<int>{1, 2, 3, 4, 5, 6, 7, 8});
  std::set<std::size_t> sizes;
  for (int i = 0; i < 2000; ++i) {
    std::vector<std::uint8_t> d(10, 0x5a);
    weir::sim::truncate(d, c);
    sizes.insert(d.size());
  }
  CHECK(sizes == std::set<std::size_t>{1, 2, 3, 4, 5, 6, 7, 8, 9});
}

TEST_CASE("channel: what does not fit its queue is dropped, and costs nothing") {
  way w = {100, 0.5, 1, 10, 0};
  w.queue_bytes = 30;
  channel c(w);
  CHECK(c.send(0, 100).what == fate::whole);  // it leaves at once: nothing waits but what is left of it
  CHECK(c.send(0, 10).what == fate::dropped);
  CHECK(c.free_at() == doctest::Approx(1));
  CHECK(c.send(0.75, 10).what == fate::dropped);  // 25 wait
  CHECK(c.send(0.80001, 10).what == fate::whole);
  CHECK(c.waiting_bytes(0.8) == doctest::Approx(30));
  CHECK(c.send(0.85, 10).what == fate::dropped);
  CHECK(c.send(0.95, 14).what == fate::whole);
  w.queue_bytes = 0;  // whatever comes while it is busy
  channel none(w);
  CHECK(none.send(0, 10).what == fate::whole);
  CHECK(none.send(0.05, 1).what == fate::dropped);
  CHECK(none.send(0.1, 1).what == fate::whole);
}

TEST_CASE("channel: the same chances, the same passages; others, others") {
  faults f = weir::sim::bursts_of(0.2, 3);
  f.jitter = 0.1;
  f.duplicated = f.flipped = 0.1;
  const way w = way_with(f);
  const auto run = [&w](std::uint64_t seed) {
    channel c(w, chances(seed));
    std::vector<double> all;
    for (int i = 0; i < 200; ++i) {
      const passage p = c.send(i, 10);
      all.insert(all.end(), {static_cast<double>(p.what), static_cast<double>(p.copies), p.arrives[0], p.arrives[1]});
    }
    return all;
  };
  CHECK(run(1) == run(1));
  CHECK(run(1) != run(2));
}

TEST_CASE("drifting_clock: so much too fast, from anywhere, and it wraps") {
  const weir::sim::drifting_clock right(0, 1), fast(0xfffffff0u, 1 + 100e-6);
  CHECK(right.ms(0) == 0);
  CHECK(right.ms(1.234) == 1234);
  CHECK(right.ms(4294967.296 + 7) == 7000);  // 2^32 ms later
  CHECK(fast.ms(0) == 0xfffffff0u);
  CHECK(fast.ms(0.016) == 0);
  CHECK(fast.ms(10000) == static_cast<std::uint32_t>(0xfffffff0u + 10001000u));
  for (const std::uint32_t ms : {1u, 7u, 4000u, 256000u}) {
    for (double now : {0.0, 0.0005, 0.3333, 12345.678}) {
      CHECK(static_cast<std::uint32_t>(fast.ms(now + fast.seconds(ms)) - fast.ms(now)) >= ms);
      CHECK(static_cast<std::uint32_t>(fast.ms(now + fast.seconds(ms)) - fast.ms(now)) <= ms + 2);
    }
  }
}
