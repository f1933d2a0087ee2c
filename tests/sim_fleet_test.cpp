// SPDX-License-Identifier: MIT
#include "support/sim_fleets.hpp"

#include <weir/sim/chrome_trace.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

using test_support::device_on;
using test_support::fleet_on;
using weir::sim::device_counters;
using weir::sim::device_kind;
using weir::sim::event_kind;
using weir::sim::faults;
using weir::sim::fleet_plan;
using weir::sim::happening;

namespace {

using config = test_support::sim_config;
using small = test_support::sim_fleet_of<config>;

/// Forgetful devices.
struct forgetful_config : config {
  using saving = weir::save_nothing;
};
/// These save so much that they need no snapshot before a broadcast comes.
struct counting_config : config {
  using saving = weir::save_counters<weir::memory_storage>;
};
/// Floats.
struct float_config : config {
  using number = float;
};
/// Everything in full.
struct dense_config {
  using number = float;
  using model = weir::sequential<weir::input<1000>, weir::sim::recorded>;
  using encoder = weir::dense32;
  using saving = weir::save_nothing;
  static weir::always up() { return weir::always(); }
  static weir::always down() { return weir::always(); }
  static constexpr std::size_t frame_bytes = 4100;
};

faults rough() {
  faults f = weir::sim::bursts_of(0.1, 3);
  f.loss = 0.05;
  f.jitter = 0.02;
  f.detour = 0.02;
  f.detour_seconds = 3;
  f.duplicated = 0.05;
  f.flipped = 0.03;
  f.truncated = 0.02;
  return f;
}

/// Forty devices of four kinds, on which everything fails.
fleet_plan rough_plan(std::uint64_t seed) {
  fleet_plan p;
  p.seed = seed;
  p.deadline_ms = 800;
  for (const char* name : {"wifi", "ble", "4g", "uart"}) {
    device_kind k = device_on(name);
    k.most_steps = 1;
    k.concurrent = p.groups.size() == 1;
    k.on_until = 2;
    k.resets_per_round = 0.03;
    k.boot_seconds = 0.4;
    k.clock_ppm = 200;
    k.resend_ms = 700;
    test_support::trouble(k, rough());
    p.groups.push_back({k, 10});
  }
  p.groups[3].kind.saves = false;
  p.groups[2].kind.life_seconds = 30;
  p.groups[0].kind.off_from = 10;
  p.groups[0].kind.off_until = 60;
  return p;
}

std::uint64_t hash_of(const fleet_plan& p, std::uint32_t rounds) {
  weir::sim::trace_hash hash;
  auto f = small::make(p, std::ref(hash));
  CHECK(f.run(rounds, 1000));
  CHECK(hash.happenings() > rounds * 40);
  return hash.value();
}

}  // namespace

TEST_CASE("sim fleet: a quiet network; every update counts in its round, and all hold the coordinator's weights") {
  device_kind k = device_on("wifi");
  k.most_steps = 1;
  auto f = small::make(fleet_on(k, 20));
  REQUIRE(f.run(50, 100));
  CHECK(f.rounds_closed() == 50);
  CHECK(f.center().round_number() == 50);
  CHECK(f.members() == 20);
  CHECK(f.last_round().counted == 20);
  CHECK(f.last_round().late == 0);
  CHECK(f.last_round().closed == f.now());
  CHECK(f.last_round().opened < f.now() - 0.1);
  for (std::size_t r = 0; r < 20; ++r) {
    const device_counters& d = f.device(r);
    CHECK(d.updates == 50);
    CHECK(d.in_time == 50);
    CHECK(d.steps == 50);
    CHECK(d.frames_up == 52);    // two joins
    CHECK(d.frames_down == 52);  // two welcomes
    CHECK(d.resets + d.lost_up + d.lost_down + d.damaged_up + d.damaged_down + d.refused_up + d.refused_down == 0);
  }
  while (test_support::up_to_date(f) < 20) REQUIRE(f.step(f.now() + 1));  // the last broadcast is on its way
  CHECK(test_support::up_to_date(f) == 20);
  const device_counters t = f.totals();
  CHECK(t.updates == 1000);
  CHECK(t.frames_up == 1040);
  CHECK(t.bytes_down > 0);
}

TEST_CASE("sim fleet: a round takes Tc up, Tc down and a step, over each known link, dense and compressed") {
  const auto check = [](auto kind, const std::string& what) {
    using fleet_of = decltype(kind);
    for (const weir::sim::link& l : weir::sim::known_links()) {
      CAPTURE(l.name);
      CAPTURE(what);
      device_kind k = device_on(l.name);
      k.step_seconds = 0.01;
      k.step_spread = 0;
      k.most_steps = 1;
      k.patient = true;
      std::vector<double> up_took, down_took, up_came;
      std::size_t up = 0, down = 0;
      double up_began = 0, down_began = 0;
      auto f = fleet_of::make(fleet_on(k, 1), [&](const happening& h) {
        if (h.kind == event_kind::sent_up) up_began = h.from;
        if (h.kind == event_kind::sent_down) down_began = h.from;
        if (h.kind == event_kind::arrived_up) {
          up_took.push_back(h.now - up_began);
          up_came.push_back(h.now);
          up = h.datagram.size();
        }
        if (h.kind == event_kind::arrived_down) {
          down_took.push_back(h.now - down_began);
          down = h.datagram.size();
        }
      });
      REQUIRE(f.run(12));
      const double tc = l.up.transfer_seconds(up);
      const std::size_t last = up_came.size() - 1;
      // With a duty cycle the device is held up by it: its updates come at intervals of Tc less the latency.
      const double up_tc = l.up.duty < 1 ? up_came[last] - up_came[last - 1] + l.up.latency : up_took.back();
      CHECK(up_tc == doctest::Approx(tc).epsilon(0.1));
      CHECK(up_took.back() == doctest::Approx(l.up.lone_seconds(up)).epsilon(0.01));
      CHECK(down_took.back() == doctest::Approx(l.down.lone_seconds(down)).epsilon(0.01));
      if (l.down.duty == 1) CHECK(down_took.back() == doctest::Approx(l.down.transfer_seconds(down)).epsilon(0.1));
    }
  };
  check(small(), "compressed");
  check(test_support::sim_fleet_of<dense_config>(), "dense");
}

TEST_CASE("sim fleet: the same seed, the same bytes at the same times; another, others") {
  const std::uint64_t first = hash_of(rough_plan(1), 60);
  CHECK(hash_of(rough_plan(1), 60) == first);
  std::set<std::uint64_t> all = {first};
  for (std::uint64_t seed = 2; seed <= 6; ++seed) all.insert(hash_of(rough_plan(seed), 60));
  CHECK(all.size() == 6);
  fleet_plan other = rough_plan(1);
  other.groups[0].kind.link.up.trouble.loss += 1e-3;
  CHECK(hash_of(other, 60) != first);
}

TEST_CASE("sim fleet: an observer changes nothing") {
  auto with = small::make(rough_plan(4), [](const happening&) {});
  auto without = small::make(rough_plan(4));
  REQUIRE(with.run(40, 1000));
  REQUIRE(without.run(40, 1000));
  CHECK(with.now() == without.now());
  CHECK(with.events_taken() == without.events_taken());
  CHECK(with.totals().bytes_up == without.totals().bytes_up);
  CHECK(std::memcmp(with.center().weights().data(), without.center().weights().data(), 60 * 2) == 0);
}

TEST_CASE("sim fleet: what an observer is told adds up") {
  std::map<event_kind, std::uint32_t> told;
  std::uint64_t up = 0, down = 0, lost_up = 0, lost_down = 0;
  double now = 0;
  auto f = small::make(rough_plan(3), [&](const happening& h) {
    ++told[h.kind];
    CHECK(h.now >= now);
    now = h.now;
    if (h.kind == event_kind::sent_up) up += h.datagram.size(), lost_up += h.arrives ? 0 : 1;
    if (h.kind == event_kind::sent_down) down += h.datagram.size(), lost_down += h.arrives ? 0 : 1;
    if (h.kind == event_kind::round_closed) CHECK(h.until > h.from);
  });
  REQUIRE(f.run(100, 1000));
  const device_counters t = f.totals();
  CHECK(told[event_kind::sent_up] == t.frames_up);
  CHECK(told[event_kind::sent_down] == t.frames_down);
  CHECK(told[event_kind::counted] == t.updates);
  CHECK(told[event_kind::stepped] == t.steps);
  CHECK(told[event_kind::reset] == t.resets);
  CHECK(told[event_kind::round_closed] == 100);
  CHECK(told[event_kind::round_started] == 1);
  CHECK(told[event_kind::left] == 10);
  CHECK(told[event_kind::booted] <= 40 + t.resets);
  CHECK(told[event_kind::booted] >= 30 + t.resets - 40);
  CHECK(t.resets > 50);
  CHECK(up == t.bytes_up);
  CHECK(down == t.bytes_down);
  CHECK(lost_up <= t.lost_up);  // resets cut some more
  CHECK(lost_down == t.lost_down);
  CHECK(t.damaged_up > 0);
  CHECK(t.damaged_down > 0);
}

TEST_CASE("sim fleet: what the network damages is refused, always") {
  device_kind k = device_on("wifi");
  k.most_steps = 1;
  k.resend_ms = 500;
  faults f;
  f.flipped = 0.15;
  f.truncated = 0.1;
  f.duplicated = 0.1;
  test_support::trouble(k, f);
  fleet_plan p = fleet_on(k, 30);
  p.deadline_ms = 300;
  std::set<std::vector<std::uint8_t>> sent;
  std::uint32_t damaged = 0, arrived = 0;
  auto fleet = small::make(p, [&](const happening& h) {
    const std::vector<std::uint8_t> bytes(h.datagram.begin(), h.datagram.end());
    if (h.kind == event_kind::sent_up || h.kind == event_kind::sent_down) sent.insert(bytes);
    if (h.kind != event_kind::arrived_up && h.kind != event_kind::arrived_down) return;
    ++arrived;
    if (sent.count(bytes) != 0) return;
    ++damaged;
    CHECK(h.result != weir::status::ok);
    CHECK(h.result != weir::status::repeated);
    CHECK(h.result != weir::status::ahead);
    CHECK(h.result != weir::status::stale);
  });
  REQUIRE(fleet.run(200, 1000));
  const device_counters t = fleet.totals();
  CHECK(arrived > 5000);
  CHECK(damaged > arrived / 6);
  CHECK(t.refused_up + t.refused_down == damaged);
  CHECK(test_support::up_to_date(fleet) >= 0);
}

TEST_CASE("sim fleet: no update counts twice, whatever is doubled, late or sent again") {
  fleet_plan p = rough_plan(8);
  for (auto& g : p.groups) {
    g.kind.resets_per_round = 0;
    g.kind.life_seconds = 0;
    g.kind.link.up.trouble.duplicated = 0.5;
  }
  std::set<std::vector<std::uint8_t>> applied;
  std::uint32_t updates = 0;
  auto f = small::make(p, [&](const happening& h) {
    if (h.kind != event_kind::arrived_up || h.result != weir::status::ok) return;
    if (static_cast<weir::frame_kind>(h.datagram[0] & 15) != weir::frame_kind::update) return;
    ++updates;
    CHECK(applied.insert(std::vector<std::uint8_t>(h.datagram.begin(), h.datagram.end())).second);
  });
  REQUIRE(f.run(150, 1000));
  CHECK(updates == f.totals().updates);
  CHECK(updates > 2000);
}

TEST_CASE_TEMPLATE(
    "sim fleet: 30 % loss, a tenth resets in each round; who is up to date has the coordinator's weights", Config,
    config, forgetful_config, counting_config, float_config) {
  using fleet_of = test_support::sim_fleet_of<Config>;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    CAPTURE(seed);
    device_kind k = device_on("wifi");
    k.most_steps = 1;
    k.resend_ms = 300;
    k.resets_per_round = 0.1;
    k.boot_seconds = 0.2;
    k.clock_ppm = 100;
    faults f = weir::sim::bursts_of(0.15, 2);
    f.loss = 0.18;
    REQUIRE(f.mean_loss() == doctest::Approx(0.303).epsilon(0.001));
    test_support::trouble(k, f);
    fleet_plan p = fleet_on(k, 50);
    p.seed = seed;
    p.deadline_ms = 1000;
    auto fleet = fleet_of::make(p);
    int most = 0;
    for (std::uint32_t round = 1; round <= 150; ++round) {
      REQUIRE(fleet.run(round, 1000));
      for (int i = 0; i < 200; ++i) fleet.step();  // into the round
      const int n = test_support::up_to_date(fleet);
      REQUIRE(n >= 0);
      most = std::max(most, n);
    }
    const device_counters t = fleet.totals();
    CHECK(most >= 15);
    CHECK(t.resets == doctest::Approx(150 * 50 * 0.1).epsilon(0.15));
    CHECK(double(t.lost_up + t.lost_down) / (t.frames_up + t.frames_down) == doctest::Approx(0.3).epsilon(0.05));
    CHECK(t.updates > 150 * 50 / 4);
    CHECK(fleet.members() > 25);
  }
}

TEST_CASE("sim fleet: saved state comes back from a memory that outlasts resets; without one nothing does") {
  for (const bool saves : {true, false}) {
    CAPTURE(saves);
    device_kind k = device_on("wifi");
    k.most_steps = 1;
    k.saves = saves;
    fleet_plan p = fleet_on(k, 10);
    p.deadline_ms = 400;
    std::uint32_t booted = 0;
    bool tested = false;
    small::type* fleet = nullptr;
    auto f = small::make(p, [&](const happening& h) {
      if (h.kind != event_kind::booted || !tested) return;
      ++booted;
      CHECK(fleet->worker(h.rank).recovered() == (saves ? weir::recovery::state : weir::recovery::nothing));
    });
    fleet = &f;
    REQUIRE(f.run(5, 100));
    tested = true;
    for (std::uint16_t r = 0; r < 10; ++r) f.reset(r);
    for (std::size_t r = 0; r < 10; ++r) CHECK(!f.is_on(r));
    CHECK(f.members() == 0);
    REQUIRE(f.run(30, 100));
    CHECK(booted == 10);
    CHECK(f.totals().resets == 10);
    CHECK(f.members() == 10);
    CHECK(test_support::up_to_date(f) >= 0);
  }
}

TEST_CASE("sim fleet: resets after so many seconds on average") {
  device_kind k = device_on("wifi");
  k.most_steps = 1;
  k.life_seconds = 5;
  k.boot_seconds = 1;
  fleet_plan p = fleet_on(k, 100);
  p.deadline_ms = 500;
  auto f = small::make(p);
  while (f.now() < 120) REQUIRE(f.step());
  CHECK(f.totals().resets == doctest::Approx(100 * 120 / 6.0).epsilon(0.1));
}

TEST_CASE("trace_hash: each of what it is told matters") {
  std::set<std::uint64_t> all;
  std::uint8_t bytes[4] = {1, 2, 3, 4};
  const auto add = [&](const std::function<void(happening&)>& change) {
    happening h = {event_kind::sent_up, 2, 3, 4, 5, 6, true, weir::status::ok, weir::const_bytes(bytes, 4)};
    change(h);
    weir::sim::trace_hash hash;
    hash(h);
    hash(happening{event_kind::left, 7});
    CHECK(hash.happenings() == 2);
    all.insert(hash.value());
  };
  add([](happening&) {});
  add([](happening&) {});
  CHECK(all.size() == 1);
  add([](happening& h) { h.kind = event_kind::sent_down; });
  add([](happening& h) { h.now = 2.5; });
  add([](happening& h) { h.rank = 5; });
  add([](happening& h) { h.round_number = 5; });
  add([](happening& h) { h.from = 5.5; });
  add([](happening& h) { h.until = 5.5; });
  add([](happening& h) { h.arrives = false; });
  add([](happening& h) { h.result = weir::status::busy; });
  add([](happening& h) { h.datagram = h.datagram.first(3); });
  bytes[2] = 7;
  add([](happening&) {});
  CHECK(all.size() == 11);
}

TEST_CASE("sim fleet: a reset cuts what is leaving") {
  device_kind k = device_on("lora_sf7");
  k.most_steps = 1;
  small::type* fleet = nullptr;
  std::uint32_t joins = 0, arrived = 0;
  auto f = small::make(fleet_on(k, 1), [&](const happening& h) {
    if (h.kind == event_kind::sent_up) ++joins;
    if (h.kind == event_kind::arrived_up) ++arrived;
  });
  fleet = &f;
  while (joins == 0) REQUIRE(fleet->step());
  f.reset(0);  // at the first bit of its join
  while (joins == 1) REQUIRE(f.step());
  CHECK(arrived == 0);
  CHECK(f.device(0).lost_up == 1);
  REQUIRE(f.run(1, 1000));
}

TEST_CASE(
    "sim fleet: devices that come later take part, and those that leave are not waited for longer than the deadline") {
  device_kind k = device_on("wifi");
  k.most_steps = 1;
  fleet_plan p = fleet_on(k, 10);
  k.on_from = 5;
  k.on_until = 6;
  p.groups.push_back({k, 5});
  k.on_from = 0;
  k.on_until = 0;
  k.off_from = 10;
  k.off_until = 11;
  p.groups.push_back({k, 5});
  p.deadline_ms = 500;
  std::map<int, double> came, went;
  auto f = small::make(p, [&](const happening& h) {
    if (h.kind == event_kind::joined) came[h.rank] = h.now;
    if (h.kind == event_kind::left) went[h.rank] = h.now;
  });
  while (f.now() < 4) REQUIRE(f.step());
  CHECK(f.members() == 15);
  CHECK(f.last_round().counted == 15);
  CHECK(f.last_round().closed - f.last_round().opened == doctest::Approx(0.5));  // it waits for the five
  for (std::size_t r = 10; r < 15; ++r) CHECK(f.device(r).bytes_down == 0);      // and does not know where they are
  while (f.now() < 9) REQUIRE(f.step());
  CHECK(f.members() == 20);
  CHECK(f.last_round().counted == 20);
  CHECK(f.last_round().closed - f.last_round().opened < 0.2);
  while (f.now() < 20) REQUIRE(f.step());
  CHECK(f.members() == 15);
  CHECK(f.last_round().counted == 15);
  for (const auto& c : came) {
    if (c.first >= 10 && c.first < 15) CHECK(c.second >= 5);
    if (c.first >= 10 && c.first < 15) CHECK(c.second <= 6.2);
  }
  CHECK(came.size() == 20);
  CHECK(went.size() == 5);
  for (const auto& w : went) {
    CHECK(w.first >= 15);
    CHECK(w.second >= 10);
    CHECK(w.second <= 11);
    CHECK(!f.is_on(static_cast<std::size_t>(w.first)));
  }
}

TEST_CASE("sim fleet: who has left for good does not come back, though it was about to boot") {
  device_kind k = device_on("wifi");
  k.most_steps = 1;
  k.boot_seconds = 2;
  fleet_plan p = fleet_on(k, 2);
  k.off_from = 3;
  p.groups.push_back({k, 2});
  p.deadline_ms = 500;
  auto f = small::make(p);
  while (f.now() < 2.5) REQUIRE(f.step());
  for (std::uint16_t r = 0; r < 4; ++r) f.reset(r);
  while (f.now() < 10) REQUIRE(f.step());
  for (std::uint16_t r = 2; r < 4; ++r) f.reset(r);  // nothing there to fail
  while (f.now() < 20) REQUIRE(f.step());
  for (std::size_t r = 0; r < 4; ++r) {
    CHECK(f.is_on(r) == (r < 2));
    CHECK(f.device(r).resets == 1);
  }
  CHECK(f.members() == 2);
}

TEST_CASE("sim fleet: a step that a reset has cut is never trained") {
  device_kind k = device_on("wifi");
  k.step_seconds = 1;
  k.step_spread = 0;
  k.boot_seconds = 0.01;
  k.most_steps = 1;
  double last_boot = 0;
  auto f = small::make(fleet_on(k, 1), [&](const happening& h) {
    if (h.kind == event_kind::booted) last_boot = h.now;
    if (h.kind != event_kind::stepped) return;
    CHECK(h.now - h.from == doctest::Approx(1));
    CHECK(h.from >= last_boot);
  });
  for (int i = 1; i <= 20; ++i) {
    while (f.now() < 1.45 * i) REQUIRE(f.step());
    f.reset(0);
  }
  REQUIRE(f.run(3, 100));
  CHECK(f.device(0).resets == 20);
}

TEST_CASE("sim fleet: an update counts in its round, or late") {
  std::uint32_t in_time = 0, late = 0, late_of_rounds = 0;
  small::type* fleet = nullptr;
  auto f = small::make(rough_plan(5), [&](const happening& h) {
    if (h.kind == event_kind::round_closed) late_of_rounds += fleet->last_round().late;
    if (h.kind != event_kind::counted) return;
    if (h.round_number == fleet->center().round_number())
      ++in_time;
    else
      ++late;
  });
  fleet = &f;
  REQUIRE(f.run(100, 1000));
  CHECK(in_time > 500);
  CHECK(late > 20);
  CHECK(f.totals().in_time == in_time);
  CHECK(f.totals().updates == in_time + late);
  CHECK(late_of_rounds == late);
}

TEST_CASE("sim fleet: a round that nobody can close stays open; run() says so") {
  device_kind k = device_on("wifi");
  k.most_steps = 1;
  k.off_from = 3;
  auto f = small::make(fleet_on(k, 2));
  CHECK(!f.run(1000, 50));
  CHECK(f.rounds_closed() > 5);
  CHECK(f.rounds_closed() < 30);
  CHECK(f.now() <= 50);
}

TEST_CASE("sim fleet: unanswered, a device asks again after its time-out, ever more slowly, by its own clock") {
  for (const double ppm : {0.0, 50000.0}) {  // 5 %: to be seen
    device_kind k = device_on("wifi");
    k.link.up.trouble.loss = 1;
    k.resend_ms = 1000;
    k.clock_ppm = ppm;
    fleet_plan p = fleet_on(k, 8);
    std::map<int, std::vector<double>> sent;
    auto f = small::make(p, [&](const happening& h) {
      if (h.kind == event_kind::sent_up) sent[h.rank].push_back(h.now);
    });
    CHECK(!f.run(1, 400));
    CHECK(sent.size() == 8);
    std::set<double> firsts;
    for (const auto& s : sent) {
      REQUIRE(s.second.size() >= 9);
      firsts.insert(s.second[1]);
      for (std::size_t i = 1; i < s.second.size(); ++i) {
        const double wait = s.second[i] - s.second[i - 1], most = 1 << std::min<std::size_t>(i - 1, 4);
        CHECK(wait >= 0.74 * most * (ppm > 0 ? 0.95 : 1));
        CHECK(wait <= 1.01 * most * (ppm > 0 ? 1.053 : 1) + 0.01);
      }
    }
    CHECK(firsts.size() > 4);  // not all at once
  }
}

TEST_CASE("sim fleet: in the midst of a step a device without an operating system hears nothing") {
  for (const bool concurrent : {false, true}) {
    device_kind k = device_on("wifi");  // 6 ms there and back
    k.step_seconds = 1;
    k.step_spread = 0;
    k.concurrent = concurrent;
    std::vector<double> heard;
    auto f = small::make(fleet_on(k, 1), [&](const happening& h) {
      if (h.kind == event_kind::arrived_down && h.round_number > 0) heard.push_back(h.now);
    });
    REQUIRE(f.run(5, 100));
    REQUIRE(heard.size() >= 3);
    // It trains on and on, from when it is a member; what a step brought leaves at its end.
    const double joined = 0.0122;
    for (const double h : heard) {
      const double into_step = h - joined - static_cast<int>(h - joined + 0.001);
      if (concurrent)
        CHECK(into_step == doctest::Approx(0.0062).epsilon(0.2));
      else
        CHECK(into_step == doctest::Approx(0).epsilon(0.001));
    }
  }
}

TEST_CASE("sim fleet: broadcasts wait in a bounded queue, and what does not fit is lost") {
  device_kind k = device_on("wifi");
  k.most_steps = 1;
  fleet_plan p = fleet_on(k, 4);
  k.link.down = {100, 0.01, 1, 100, 0};  // a broadcast takes longer than a round
  k.link.down.queue_bytes = 60;
  p.groups.push_back({k, 1});
  p.quorum = 4;
  auto f = small::make(p);
  REQUIRE(f.run(200, 1000));
  CHECK(f.device(4).lost_down > 20);
  CHECK(f.device(4).most_behind < 0.6);
  CHECK(f.device(0).lost_down == 0);
  for (std::size_t r = 0; r < 4; ++r) CHECK(f.device(r).updates >= 190);
  CHECK(test_support::up_to_date(f) >= 0);
}

TEST_CASE("sim fleet: time runs for the first round when enough are members") {
  device_kind k = device_on("wifi");
  k.most_steps = 1;
  k.on_until = 10;
  fleet_plan p = fleet_on(k, 10);
  p.deadline_ms = 200;
  p.waits_for = 8;
  double started = -1;
  std::size_t members = 0;
  small::type* fleet = nullptr;
  auto f = small::make(p, [&](const happening& h) {
    if (h.kind != event_kind::round_started) return;
    started = h.now;
    members = fleet->members();
  });
  fleet = &f;
  REQUIRE(f.run(1, 100));
  CHECK(members == 8);
  CHECK(started > 3);
  CHECK(f.last_round().opened == started);
  CHECK(f.last_round().closed == doctest::Approx(started + 0.2));
}

TEST_CASE("sim fleet: what makes no sense is refused") {
  const auto refused = [](const std::function<void(fleet_plan&)>& spoil) {
    fleet_plan p = fleet_on(device_on("wifi"), 3);
    p.check();
    spoil(p);
    CHECK_THROWS_AS(p.check(), std::invalid_argument);
    CHECK_THROWS_AS(small::make(p), std::invalid_argument);
  };
  refused([](fleet_plan& p) { p.groups.clear(); });
  refused([](fleet_plan& p) { p.groups[0].devices = 0x4001; });
  refused([](fleet_plan& p) { p.waits_for = 4; });
  refused([](fleet_plan& p) { p.groups[0].kind.step_seconds = 0; });
  refused([](fleet_plan& p) { p.groups[0].kind.step_seconds = -1; });
  refused([](fleet_plan& p) { p.groups[0].kind.step_spread = 1; });
  refused([](fleet_plan& p) { p.groups[0].kind.on_from = -1; });
  refused([](fleet_plan& p) { p.groups[0].kind.resets_per_round = 1.5; });
  refused([](fleet_plan& p) { p.groups[0].kind.link.up.duty = 0; });
  refused([](fleet_plan& p) { p.groups[0].kind.link.down.mtu = 0; });
  refused([](fleet_plan& p) { p.groups[0].kind.link.down.trouble.loss = 1.1; });
  refused([](fleet_plan& p) { p.groups[0].kind.link.up.trouble.burst_packets = 0.5; });
}

TEST_CASE("sim fleet: memory is a worker's, what it saves, and little more") {
  using fleet = small::type;
  const auto each = fleet::bytes_needed(1001) - fleet::bytes_needed(1000);
  const std::uint64_t state = sizeof(small::node) + small::node::saved_bytes();
  CHECK(each > state);
  CHECK(each < state + 700);
  using big = test_support::sim_fleet_of<dense_config>;
  const auto each_big = big::type::bytes_needed(1001, 0) - big::type::bytes_needed(1000, 0);
  CHECK(each_big < sizeof(big::node) * 6 / 5);
}

TEST_CASE("sim fleet: a device sends when its line is free, what is newest then") {
  device_kind k = device_on("lora_sf7");
  k.step_seconds = 0.5;
  k.resend_ms = 500;  // much too short
  std::uint32_t sent = 0;
  double free_at = 0;
  auto f = small::make(fleet_on(k, 1), [&](const happening& h) {
    if (h.kind != event_kind::sent_up) return;
    ++sent;
    CHECK(h.from == h.now);
    CHECK(h.now >= free_at - 1e-9);
    free_at = h.now + k.link.up.busy_seconds(h.datagram.size());
  });
  REQUIRE(f.run(50, 10000));
  CHECK(sent >= 50);
}

TEST_CASE("sim fleet: a trunk is shared by all; by multicast a broadcast goes over it once") {
  const auto round_seconds = [](std::uint16_t devices, bool multicast, const faults& trouble) {
    device_kind k = device_on("wifi");
    k.most_steps = 1;
    k.step_spread = 0;
    fleet_plan p = fleet_on(k, devices);
    p.trunk = weir::sim::link{"slow", {1000, 0.01, 1, 1000, 20}, {1000, 0.01, 1, 1000, 20}};
    p.trunk->up.trouble = p.trunk->down.trouble = trouble;
    p.multicast = multicast;
    p.deadline_ms = 20000;
    auto f = small::make(p);
    REQUIRE(f.run(20, 1000));
    CHECK(test_support::up_to_date(f) >= 0);
    const device_counters t = f.totals();
    if (trouble.flipped > 0) {
      CHECK(t.damaged_up > 0);
      CHECK(t.damaged_down > 0);
      CHECK(t.lost_down > 0);
      CHECK(t.refused_up + t.refused_down > 0);
    } else {
      CHECK(t.lost_up + t.lost_down + t.damaged_up + t.damaged_down == 0);
    }
    return f.last_round().closed - f.last_round().opened;
  };
  const double one = round_seconds(1, false, faults());
  CHECK(one > 0.1 + 0.02 + 2 * 0.03);
  CHECK(one < 0.1 + 0.02 + 2 * 0.1);
  const double forty = round_seconds(40, false, faults()), forty_once = round_seconds(40, true, faults());
  CHECK(forty > 40 * (one - 0.12) * 0.45 + 0.12);  // the updates one after the other
  CHECK(forty_once < forty);
  faults f;
  f.loss = f.flipped = 0.1;
  round_seconds(10, false, f);
  round_seconds(10, true, f);
}

TEST_CASE("chrome_trace: an object of events, as many as may be") {
  for (const std::uint64_t most : {std::uint64_t(0), std::uint64_t(50), std::uint64_t(1000000)}) {
    std::ostringstream text;
    std::uint64_t told = 0;
    {
      weir::sim::chrome_trace trace(text, most);
      auto f = small::make(rough_plan(2), [&](const happening& h) {
        trace(h);
        ++told;
      });
      REQUIRE(f.run(20, 100));
    }
    const std::string t = text.str();
    CHECK(t.rfind("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n{", 0) == 0);
    CHECK(t.substr(t.size() - 4) == "\n]}\n");
    CHECK(std::count(t.begin(), t.end(), '{') == std::count(t.begin(), t.end(), '}'));
    CHECK(std::count(t.begin(), t.end(), '"') % 2 == 0);
    CHECK(t.find(",\n,") == std::string::npos);
    const auto lines = static_cast<std::uint64_t>(std::count(t.begin(), t.end(), '\n'));
    CHECK(lines <= 3 + 4 * most);  // four of them name a device
    if (most > told) {
      for (const char* name : {"step", "update", "broadcast", "lost", "reset", "counted", "round", "device 39"}) {
        CAPTURE(name);
        CHECK(t.find(std::string("\"") + name + "\"") != std::string::npos);
      }
    }
  }
}

static_assert(weir::is_layer<weir::sim::recorded, weir::input<9>::type>::value, "recorded is a layer");
