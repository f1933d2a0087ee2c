// SPDX-License-Identifier: MIT
#include "scale.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <utility>

#include <nlohmann/json.hpp>
#include <weir/sim/fleet.hpp>
#include <weir/sim/known_links.hpp>
#include <weir/sim/recorded.hpp>
#include <weir/weir.hpp>

#include "support/plot.hpp"
#include "support/text.hpp"

namespace simulate {
namespace {

using support::text;

constexpr weir::index_t weights = 784 * 128 + 128 + 128 * 10 + 10;
/// Of what is recorded each step takes a piece that begins somewhere else.
constexpr std::size_t recorded_numbers = weights + 4096;
constexpr std::uint32_t rounds = 24;   // in which densities settle
constexpr std::uint32_t measured = 8;  // the last of them

const weir::sim::link& line() { return *weir::sim::find_link("intercontinental"); }

template <class Encoder, class Threshold, std::size_t FrameBytes>
class scaled_fleet {
  struct by_hand {
    static std::size_t mtu() noexcept { return FrameBytes; }
    static weir::status send(weir::const_bytes) noexcept { return weir::status::busy; }
    static std::size_t receive(weir::bytes) noexcept { return 0; }
  };
  using model = weir::sequential<weir::input<weights>, weir::sim::recorded>;
  using pipe = weir::pipeline<weir::sgd, Threshold, Encoder, by_hand>;
  using worker = weir::worker<float, model, weir::softmax_cross_entropy, pipe, 1, FrameBytes>;
  using coordinator = weir::coordinator<float, model, weir::downlink<Encoder, weir::mean, Threshold>,
                                        weir::wire::max_ranks(), FrameBytes>;
  using simulated = weir::sim::fleet<worker, coordinator>;

 public:
  scaled_fleet(std::string name, Threshold threshold, std::uint16_t local_steps)
      : name_(std::move(name)), threshold_(threshold), local_steps_(local_steps) {}

  static bool fits(std::uint32_t devices, double memory) {
    const std::size_t frame = sizeof(Threshold) == 1 ? FrameBytes : FrameBytes / 8;
    return static_cast<double>(simulated::bytes_needed(devices, frame, false)) <= memory;
  }

  scale_result run(const scale_options& o, std::uint32_t devices, const std::vector<float>& recorded) const {
    weir::sim::device_kind k;
    k.link = line();
    k.step_seconds = o.step_seconds;
    k.most_steps = local_steps_;
    k.saves = false;
    k.patient = true;
    weir::sim::fleet_plan p;
    p.groups.push_back({k, static_cast<std::uint16_t>(devices)});
    if (o.shared) {
      p.trunk = line();
      p.trunk->up.latency = p.trunk->down.latency = 0;  // the way is as long as it was
    }
    const auto fleet = std::make_unique<simulated>(
        p,
        [this](coordinator& c, const weir::fleet_terms& terms) {
          c.begin({weir::mean(), threshold_, Encoder()}, terms);
        },
        [this](worker& w, weir::rank_t rank, std::uint16_t boot, weir::bytes) {
          const pipe of(weir::sgd(0.01f), threshold_, Encoder(), by_hand(), weir::accumulate_only(local_steps_));
          w.begin(of, rank, 1, boot);
        },
        [&recorded](worker& w, std::uint16_t rank) {
          const std::size_t first = (rank * 613u + w.round_number() * 89u + w.batches() * 17u) % 4096u;
          w.train(recorded.data() + first, weir::index_t(0));
        });
    fleet->run(rounds - measured);
    const double began = fleet->now();
    const weir::sim::device_counters before = fleet->totals();
    fleet->run(rounds);
    const weir::sim::device_counters after = fleet->totals();
    scale_result r = {name_, devices, local_steps_, 0, 0, (fleet->now() - began) / measured, 0, 0};
    r.up = double(after.bytes_up - before.bytes_up) / (after.frames_up - before.frames_up);
    r.down = double(after.bytes_down - before.bytes_down) / (after.frames_down - before.frames_down);
    return r;
  }

 private:
  std::string name_;
  Threshold threshold_;
  std::uint16_t local_steps_;
};

/// Steps, an update's Tc, a broadcast's Tc. A shared line takes a frame when it has left the device's own, and the others' one
/// after the other; while the last ones get the broadcast the first ones are on with their updates.
double by_tc(const scale_options& o, const scale_result& r) {
  const weir::sim::link& l = line();
  const auto up = static_cast<std::size_t>(r.up), down = static_cast<std::size_t>(r.down);
  const double own = o.step_seconds * r.local_steps + l.up.transfer_seconds(up) + l.down.transfer_seconds(down);
  if (!o.shared) return own;
  const double up_busy = l.up.busy_seconds(up), down_busy = l.down.busy_seconds(down);
  return own + up_busy + down_busy + (r.devices - 1) * std::max(up_busy, down_busy);
}

template <class Fleet>
void add(const scale_options& o, const Fleet& fleet, const std::vector<float>& recorded,
         std::vector<scale_result>& all) {
  scale_result last{};
  for (const std::uint32_t devices : o.devices) {
    scale_result r = last;
    r.devices = devices;
    r.round_seconds = 0;
    if (Fleet::fits(devices, o.memory)) r = fleet.run(o, devices, recorded);
    r.tc_seconds = by_tc(o, r);
    const double round = r.round_seconds > 0 ? r.round_seconds : r.tc_seconds;
    r.speed_up = devices * r.local_steps * o.step_seconds / round;
    if (!o.quiet) std::fprintf(stderr, "%-24s %6u devices: %.4g s a round\n", r.exchange.c_str(), devices, round);
    all.push_back(r);
    last = r;
  }
}

}  // namespace

std::vector<scale_result> run_scale(const scale_options& o) {
  weir::random_bits random(1);
  std::vector<float> recorded(recorded_numbers);
  for (float& v : recorded) {  // near to normal
    v = -2;
    for (int i = 0; i < 4; ++i) v += random.unit();
  }
  std::vector<scale_result> all;
  const weir::target_density some(o.density);
  constexpr std::size_t frame = 4096;
  add(o, scaled_fleet<weir::dense32, weir::always, 4 * weights + 32>("dense, every step", weir::always(), 1), recorded,
      all);
  add(o, scaled_fleet<weir::ternary, weir::target_density, frame>("compressed, every step", some, 1), recorded, all);
  add(o, scaled_fleet<weir::ternary, weir::target_density, frame>("compressed, K = 8", some, 8), recorded, all);
  return all;
}

std::string scale_table(const scale_options& o, const std::vector<scale_result>& all) {
  std::string t = text(
      "\n784-128-10, %g ms a step, lines of 10 Mbit/s and 39 ms one way%s; compressed: %g %% of the weights, both "
      "ways\n"
      "speed-up: steps a second, to those of one device that exchanges nothing; (Tc): not simulated, for want of "
      "memory\n\n"
      "  %-24s %8s %10s %10s %12s %12s %10s\n",
      1000 * o.step_seconds, o.shared ? ", of which the coordinator has one, too" : "", 100 * double(o.density), "",
      "devices", "up", "down", "a round", "by Tc", "speed-up");
  for (const scale_result& r : all)
    t += text("  %-24s %8u %10s %10s %12s %10.4g s %10.4g\n", r.exchange.c_str(), r.devices,
              support::bytes_text(r.up).c_str(), support::bytes_text(r.down).c_str(),
              r.round_seconds > 0 ? text("%.4g s", r.round_seconds).c_str() : "(Tc)", r.tc_seconds, r.speed_up);
  return t;
}

std::string scale_json(const scale_options& o, const std::vector<scale_result>& all) {
  nlohmann::ordered_json j = {{"line", line().name},
                              {"shared", o.shared},
                              {"step_seconds", o.step_seconds},
                              {"density", o.density},
                              {"weights", weights}};
  for (const scale_result& r : all) {
    j["results"].push_back({{"exchange", r.exchange},
                            {"local_steps", r.local_steps},
                            {"devices", r.devices},
                            {"bytes_up", r.up},
                            {"bytes_down", r.down},
                            {"round_seconds", r.round_seconds},
                            {"tc_seconds", r.tc_seconds},
                            {"speed_up", r.speed_up}});
    if (!(r.round_seconds > 0)) j["results"].back()["round_seconds"] = nullptr;
  }
  return j.dump(2) + "\n";
}

}  // namespace simulate
