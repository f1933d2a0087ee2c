// SPDX-License-Identifier: MIT
// How many rounds of how many devices does a minute simulate, and what memory do they take? The protocol alone: models of
// 1,000 weights, steps that add a recorded gradient. Text, then a line of JSON.
//
//   sim_fleet                                  10,000 devices on Wi-Fi, 200 rounds
//   sim_fleet --loss 0.1 --resets 0.05         a bad network, and devices that fail
//   sim_fleet --devices 100 --links ble,uart
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include <sys/resource.h>

#include <CLI/CLI.hpp>

#include <weir/sim/fleet.hpp>
#include <weir/sim/known_links.hpp>
#include <weir/sim/recorded.hpp>
#include <weir/sim/trace_hash.hpp>
#include <weir/weir.hpp>

#include "support/command_line.hpp"
#include "support/program.hpp"

namespace {

struct options {
  std::uint32_t devices = 10000;
  std::uint32_t rounds = 200;
  std::uint64_t seed = 1;
  double loss = 0;
  double resets = 0;
  double memory_gb = 4;
  bool hash = false;
  std::vector<std::string> links = {"wifi"};
};

struct no_line {
  static size_t mtu() noexcept { return 0x3fff; }
  static weir::status send(weir::const_bytes) noexcept { return weir::status::busy; }
  static size_t receive(weir::bytes) noexcept { return 0; }
};

// Of 10,000 ranks a bitmap of who was counted has 1,250 bytes: it has room in half of such a frame.
constexpr std::size_t frame_bytes = 2560;
constexpr weir::index_t weights = 1000;
constexpr std::size_t gradients = 16;

using model = weir::sequential<weir::input<weights>, weir::sim::recorded>;
using pipe = weir::pipeline<weir::sgd, weir::target_density, weir::ternary, no_line>;
using node = weir::worker<float, model, weir::softmax_cross_entropy, pipe, 1, frame_bytes>;
using hub = weir::coordinator<float, model, weir::downlink<weir::ternary, weir::mean, weir::target_density>, 16384,
                              frame_bytes>;
using fleet = weir::sim::fleet<node, hub>;

weir::sim::fleet_plan plan_of(const options& o) {
  weir::sim::fleet_plan p;
  p.seed = o.seed;
  for (std::size_t i = 0; i < o.links.size(); ++i) {
    const weir::sim::link* const l = weir::sim::find_link(o.links[i]);
    if (l == nullptr) throw support::bad_input("--links: no `" + o.links[i] + "`");
    weir::sim::device_kind k;
    k.link = *l;
    for (weir::sim::way* w : {&k.link.up, &k.link.down}) {
      w->trouble.loss = o.loss;
      w->trouble.tries = 1;
    }
    k.resets_per_round = o.resets;
    k.step_seconds = 0.1;
    k.step_spread = 0.2;
    k.most_steps = 1;
    k.saves = false;
    const std::size_t before = o.devices * i / o.links.size(), after = o.devices * (i + 1) / o.links.size();
    p.groups.push_back({k, static_cast<std::uint16_t>(after - before)});
  }
  if (o.loss > 0 || o.resets > 0) p.deadline_ms = 5000;  // longer than the time-out of a worker
  return p;
}

std::uint64_t peak_bytes() {
  rusage u{};
  getrusage(RUSAGE_SELF, &u);
#if defined(__APPLE__)
  return static_cast<std::uint64_t>(u.ru_maxrss);
#else
  return static_cast<std::uint64_t>(u.ru_maxrss) * 1024;
#endif
}

double seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// Of all threads, user's and system's: what others on the machine do does not count.
double cpu_seconds() {
  rusage u{};
  getrusage(RUSAGE_SELF, &u);
  return double(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + 1e-6 * double(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

bool parse(int argc, const char* const* argv, options& o) {
  CLI::App app("Simulates a fleet as fast as it can, and says how fast that was.");
  app.add_option("--devices", o.devices, "[10000]")->check(CLI::Range(1, 16384));
  app.add_option("--rounds", o.rounds, "after the first [200]")->check(CLI::Range(1, 10000000));
  app.add_option("--links", o.links, "in equal shares [wifi]")->delimiter(',')->type_name("NAME,...");
  app.add_option("--loss", o.loss, "share of packets that get lost, both ways [0]")->check(CLI::Range(0.0, 0.9));
  app.add_option("--resets", o.resets, "share of devices that are reset in each round [0]")
      ->check(CLI::Range(0.0, 1.0));
  app.add_option("--seed", o.seed, "[1]");
  app.add_option("--memory", o.memory_gb, "GB that it may take [4]");
  app.add_flag("--hash", o.hash, "also a hash of all that happened; takes time");
  return support::parse(app, argc, argv);
}

int run(int argc, const char* const* argv) {
  options o;
  if (!parse(argc, argv, o)) return 0;
  const weir::sim::fleet_plan plan = plan_of(o);
  const double needed = static_cast<double>(fleet::bytes_needed(o.devices, 64, false));
  if (needed > o.memory_gb * 1e9)
    throw support::bad_input("--memory: this run needs " + std::to_string(needed / 1e9) + " GB");

  std::mt19937 random{42};
  std::normal_distribution<float> noise;
  std::vector<float> rows(gradients * weights);
  for (float& v : rows) v = noise(random);

  const std::uint64_t before = peak_bytes();
  weir::sim::trace_hash hash;
  fleet f(
      plan,
      [](hub& h, const weir::fleet_terms& terms) {
        h.begin({weir::mean(16, 4), weir::target_density(0.01f), weir::ternary()}, terms);
      },
      [](node& w, weir::rank_t rank, std::uint16_t boot, weir::bytes) {
        w.begin(pipe(weir::sgd(0.01f), weir::target_density(0.01f), weir::ternary(), no_line()), rank, 1, boot);
      },
      [&rows](node& w, std::uint16_t rank) {
        w.train(rows.data() + (rank * 7u + w.round_number()) % gradients * weights, weir::index_t(0));
      },
      o.hash ? fleet::observer(std::ref(hash)) : fleet::observer());
  f.run(1);
  const double began = seconds(), cpu_began = cpu_seconds(), virtual_began = f.now();
  const std::uint64_t events = f.events_taken();
  f.run(1 + o.rounds);
  const double took = seconds() - began, cpu = cpu_seconds() - cpu_began;

  const double device_rounds = double(o.devices) * o.rounds;
  const double each = double(peak_bytes() - before) / o.devices;
  const weir::sim::device_counters t = f.totals();
  std::printf(
      "%u devices, %u rounds: %.2f s, %.1f million device-rounds a minute; %.2f s of one processor, %.2f us each, %.2f "
      "events\n"
      "memory: %.0f bytes a device, of which a worker has %zu; %.0f were said to be needed\n"
      "virtual: %.1f s; %.1f bytes up and %.1f down a device and round; %u of %u updates counted in their round, "
      "%.1f %% of frames lost, %u resets\n",
      o.devices, o.rounds, took, device_rounds / took * 60e-6, cpu, cpu / device_rounds * 1e6,
      double(f.events_taken() - events) / device_rounds, each, sizeof(node), needed / o.devices,
      f.now() - virtual_began, double(t.bytes_up) / device_rounds, double(t.bytes_down) / device_rounds, t.in_time,
      t.updates, 100.0 * (t.lost_up + t.lost_down) / (t.frames_up + t.frames_down), t.resets);
  std::printf(
      "{\"bench\":\"sim_fleet\",\"devices\":%u,\"rounds\":%u,\"loss\":%g,\"resets\":%g,\"seconds\":%.4f,\"cpu_"
      "seconds\":%.4f,"
      "\"device_rounds_per_minute\":%.0f,\"bytes_per_device\":%.0f,\"worker_bytes\":%zu,\"bytes_needed\":%.0f,"
      "\"virtual_seconds\":%.3f,\"updates\":%u,\"hash\":\"%016llx\"}\n",
      o.devices, o.rounds, o.loss, o.resets, took, cpu, device_rounds / took * 60, each, sizeof(node),
      needed / o.devices, f.now(), t.updates, o.hash ? static_cast<unsigned long long>(hash.value()) : 0ull);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return support::run_program("sim_fleet", [&] { return run(argc, argv); });
}
