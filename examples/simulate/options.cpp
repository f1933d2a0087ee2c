// SPDX-License-Identifier: MIT
#include "options.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <CLI/CLI.hpp>

#include "fleet/options.hpp"
#include "support/command_line.hpp"
#include "support/text.hpp"

namespace simulate {
namespace {

using support::bad_input;
using weir::sim::link;

constexpr float momentum = 0.9f;
/// A broadcast's Wt is tried as it is, and so many times as high.
constexpr float down_times[] = {1, 1.5f};
/// Of a round: a clock of 32 bits tells twice as many milliseconds apart.
constexpr double most_seconds = 1e6;
/// Of a training where frames may get lost: those of many packets may never arrive.
constexpr double patience = 10 * 365.25 * 86400;
constexpr std::size_t most_links = 1024;

std::string link_names() {
  std::string all;
  for (const link& l : weir::sim::known_links()) all += (all.empty() ? "" : ", ") + l.name;
  return all;
}

/// Each packet is lost so often, both ways; what the link then does about it is its own.
link with_loss(link l, double loss) {
  l.up.trouble.loss = l.down.trouble.loss = loss;
  return l;
}

const link& link_of(const std::string& name) {
  const link* const found = weir::sim::find_link(name);
  if (found == nullptr) throw bad_input("--links: no `" + name + "`; there are " + link_names());
  return *found;
}

void need(bool ok, const std::string& what) {
  if (!ok) throw bad_input(what);
}

bool positive(double v) { return v > 0 && std::isfinite(v); }

void check(const options& o) {
  need(!o.links.empty() && o.links.size() <= most_links, "--links: must be 1 to 1024");
  need(!o.devices || (*o.devices >= 1 && *o.devices <= most_devices), "--devices: must be 1 to 4096");
  need(!o.rounds || (*o.rounds >= 1 && *o.rounds <= 0xffff), "--rounds: must be 1 to 65535");
  need(!(o.rounds && o.epochs), "--rounds and --epochs: one of them");
  need(o.loss >= 0 && o.loss < 1, "--loss: must be 0 or more, below 1");
  need(o.resets >= 0 && o.resets <= 1, "--resets: must be 0 to 1");
  for (const std::string& name : o.links) link_of(name);
  need(!o.epochs || (*o.epochs >= 1 && *o.epochs <= 100000), "--epochs: must be 1 to 100000");
  need(o.local_steps >= 1, "--local-steps: must be 1 or more");
  need(positive(o.rate), "--lr: must be above 0");
  need(!o.wt || positive(*o.wt), "--wt: must be above 0");
  need(!o.down_wt || positive(*o.down_wt), "--down-wt: must be above 0");
  need(!o.times.empty() && std::all_of(o.times.begin(), o.times.end(), positive), "--times: must be above 0");
  need(!o.server_step || (*o.server_step >= 1.0f / 16 && *o.server_step <= 16), "--server-step: must be 1/16 to 16");
  need(!o.round_seconds || (*o.round_seconds >= 0.001 && *o.round_seconds <= most_seconds),
       "--round-seconds: must be 0.001 to 1000000");
  need(o.step_ms >= 0 && o.step_ms <= 1e6, "--step-ms: must be 0 to 1000000");
  need(o.target > 0 && o.target <= 100, "--target: must be above 0, 100 at most");
  need(o.json.empty() || o.json != o.svg, "--json and --svg: must be two files");
  need(o.trace.empty() || (o.trace != o.svg && o.trace != o.json), "--trace: must be another file");
}

fleet::options of_fleet(const options& o) {
  fleet::options f;
  f.data = o.data;
  f.workers = static_cast<std::uint16_t>(o.links.size());
  f.batch = batch;
  f.rate = o.rate;
  f.seed = o.seed;
  f.epochs = o.epochs;
  f.local_steps = o.local_steps;
  f.server_step = o.server_step;
  return f;
}

/// Seconds of so many rounds that are left for a frame: what steps, and frames on their way, take is not.
double seconds_to_send(const options& o, const link& l, std::uint32_t rounds) {
  return rounds * *o.round_seconds - o.local_steps * o.step_ms / 1000 - l.up.latency - l.down.latency;
}

/// What a way carries in that time, > 0. Of a frame in many packets each has the overhead, so that the rate is the less:
/// bytes * (1 + overhead / mtu) + overhead is never less than what they have in all.
weir::link_budget budget_of(const weir::sim::way& w, double seconds) {
  const auto of = [&](double share) {
    return weir::link_budget(static_cast<float>(w.bytes_per_second * share), static_cast<float>(w.duty),
                             static_cast<float>(seconds), 0, 1,
                             static_cast<float>(static_cast<double>(w.overhead) * share));
  };
  const weir::link_budget one_packet = of(1);
  const float frame = one_packet.body_bytes() + weir::link_budget::frame_overhead();
  return frame <= static_cast<float>(w.mtu) ? one_packet : of(double(w.mtu) / static_cast<double>(w.mtu + w.overhead));
}

/// What a device can send: a frame in every round, or, over a poor link, in every few. Then one round is lost with waiting
/// for the answer, which comes with a broadcast, and one because nobody waits for it.
device_setup on_budget(const options& o, const link& l) {
  const auto fits = [&](std::uint32_t rounds) {
    const double seconds = seconds_to_send(o, l, rounds);
    return seconds > 0 && budget_of(l.up, seconds).rounds_per_frame() == 1;
  };
  std::uint32_t needed = 1;
  while (!fits(needed)) ++needed;
  const weir::link_budget budget = budget_of(l.up, seconds_to_send(o, l, needed));
  return {with_loss(l, o.loss),
          {*o.wt, budget.body_bytes()},
          static_cast<std::uint16_t>(needed == 1 ? 1 : std::min(needed + 2, 0xffffu))};
}

/// A broadcast's body, in time on all ways down. It also says who was counted: a byte, and at most a bit for each device.
float broadcast_bytes(const options& o) {
  float least = std::numeric_limits<float>::max();
  for (const std::string& name : o.links)
    least = std::min(least, budget_of(link_of(name).down, *o.round_seconds).body_bytes());
  return std::max(1.0f, least - 1 - std::ceil(static_cast<float>(o.links.size()) / 8));
}

setup common(const options& o) {
  setup s{};
  s.seed = o.seed;
  s.epochs = *o.epochs;
  s.local_steps = o.local_steps;
  s.rate = o.rate;
  s.momentum = momentum;
  s.server_step = *o.server_step;
  s.round_seconds = *o.round_seconds;
  s.step_seconds = o.step_ms / 1000;
  s.target = o.target;
  s.split = o.rows;
  s.resets = o.resets;
  s.saves = o.saves;
  s.most_seconds = o.loss > 0 || o.resets > 0 ? patience : 0;
  s.most_rounds = o.rounds.value_or(0);
  return s;
}

/// The same for all devices.
setup uniform(const options& o, gate_choice up, gate_choice down) {
  setup s = common(o);
  s.down = down;
  for (const std::string& name : o.links) s.devices.push_back({with_loss(link_of(name), o.loss), up, 1});
  return s;
}

}  // namespace

bool parse(int argc, const char* const* argv, options& o) {
  CLI::App app(
      "Trains one model over unequal links, in virtual time: dense, with one Wt for all, and with a Wt by each link.");
  app.add_option("--data", o.data, "digits, or idx:DIR with the four files of an MNIST-like set [digits]");
  app.add_option("--links", o.links, "of the devices, one each: " + link_names() + " [eight of them]")
      ->delimiter(',')
      ->type_name("NAME,...");
  app.add_option("--devices", o.devices, "that have these links in turn [as many as there are links]");
  app.add_option("--rounds", o.rounds, "instead of epochs; dense exchange has as many steps");
  app.add_option("--epochs", o.epochs, "[10 or more, so that there are 600 steps]");
  app.add_option("--local-steps", o.local_steps, "steps to a round [5]");
  app.add_option("--lr", o.rate, "learning rate, cosine, with momentum 0.9 [0.05]");
  app.add_option_function<std::string>(
         "--split",
         [&o](const std::string& name) {
           if (name != "iid" && name != "noniid") throw bad_input("--split: no `" + name + "`; there are iid, noniid");
           o.rows = name == "iid" ? fleet::split::iid : fleet::split::noniid;
         },
         "iid, or noniid: two classes a device [iid]")
      ->type_name("NAME");
  app.add_option("--wt", o.wt, "of updates over good links [by sizes]");
  app.add_option("--down-wt", o.down_wt, "of broadcasts [by sizes]");
  app.add_option("--times", o.times, "of --wt, tried as one Wt for all [1,1.5,2,3,4,6]")
      ->delimiter(',')
      ->type_name("F,...");
  app.add_option("--server-step", o.server_step, "factor of the mean of updates [by the number of devices]");
  app.add_option("--round-seconds", o.round_seconds, "of a round with budgets [by sizes and the slowest way down]");
  const CLI::Option* const step =
      app.add_option("--step-ms", o.step_ms, "that a device takes for a step [50; with --scale 100]");
  app.add_option("--target", o.target, "accuracy, percent, the time to which counts [86]");
  app.add_option("--loss", o.loss, "share of packets that get lost, both ways; some links send them again [0]");
  app.add_option("--resets", o.resets, "share of devices that are reset in each round [0]");
  app.add_flag("--saves", o.saves, "a reset loses neither residual nor the frame in flight");
  app.add_option("--seed", o.seed, "the same seed gives the same bytes [1]");
  app.add_option("--jobs", o.jobs, "simulations at a time; 0: one for each processor [0]");
  app.add_option("--json", o.json, "results, for programs")->type_name("FILE");
  app.add_option("--svg", o.svg, "accuracy against time, as a picture")->type_name("FILE");
  app.add_flag("--scale", o.scale, "instead: how much faster 1 to 10,000 devices train than one (784-128-10)");
  app.add_flag("--shared", o.shared,
               "with --scale: the coordinator's line is as slow as the devices', and one for all");
  app.add_option("--trace", o.trace, "what happened by link budgets, to be seen in ui.perfetto.dev")->type_name("FILE");
  app.add_flag("--quiet", o.quiet, "no progress");
  if (!support::parse(app, argc, argv)) return false;
  o.step_ms_given = step->count() != 0;
  need(o.scale || !o.shared, "--shared: only with --scale");
  need(!o.scale || o.step_ms > 0, "--step-ms: must be above 0 with --scale");
  need(!o.scale || (o.svg.empty() && o.trace.empty()), "--scale: there is no --svg and no --trace of it");
  check(o);
  if (o.devices) {
    const std::vector<std::string> in_turn = std::move(o.links);
    o.links.clear();
    for (std::size_t i = 0; i < *o.devices; ++i) o.links.push_back(in_turn[i % in_turn.size()]);
  }
  return true;
}

support::dataset load(const options& o) { return fleet::load(of_fleet(o)); }

void settle(options& o, const support::dataset& data) {
  fleet::options f = of_fleet(o);
  fleet::settle(f, data);  // the fleet's own, of rows that are dealt at random
  o.epochs = f.epochs;
  o.server_step = f.server_step;
  const float gathered = std::sqrt(static_cast<float>(o.local_steps) / 3);  // the fleet's own are for rounds of 3 steps
  if (!o.wt) o.wt = gathered * f.threshold->value;
  if (!o.down_wt) o.down_wt = gathered * f.down_threshold->value;
  for (const float times : o.times) need(positive(times * *o.wt), "--times: so high, or low, a Wt is not a number");
  need(positive(down_times[1] * *o.down_wt), "--down-wt: too high");

  const std::uint32_t steps = o.rounds ? *o.rounds * o.local_steps
                                       : fleet::steps_per_epoch(data.train.size(), o.links.size(), batch) * *o.epochs;
  need(steps >= o.local_steps, "--local-steps: there are only " + std::to_string(steps) + " steps");
  need(steps <= 0xffff, "--epochs: must be less, for 65,535 rounds of dense exchange at most");
  const double training = o.local_steps * o.step_ms / 1000;
  if (!o.round_seconds) {
    // A broadcast of one coordinate in 400 or so, to the slowest; small ones cost their headers more. And as much up, unless
    // that takes longer than down: over such a link not every round has a frame.
    const std::size_t bytes = 128 + fleet::parameters(fleet::model_of(f, data)) / 400;
    double slowest = 0;
    for (const std::string& name : o.links) {
      const double up = link_of(name).up.transfer_seconds(bytes), down = link_of(name).down.transfer_seconds(bytes);
      slowest = std::max(slowest, down + (up <= down ? up : 0));
    }
    o.round_seconds = slowest + training + 0.001;  // by its clock the coordinator may close a round so much early
  }
  o.round_seconds = std::ceil(*o.round_seconds * 1000 - 1e-6) / 1000;  // the coordinator has milliseconds
  need(*o.round_seconds <= most_seconds, "--local-steps: rounds would take more than 1000000 s");
  need(*o.round_seconds >= training,
       support::text("--round-seconds: must be %g or more: so long take %u steps", training, unsigned(o.local_steps)));
}

std::vector<trial> trials(const options& o) {
  std::vector<trial> all;
  setup dense = uniform(o, {}, {});
  dense.dense = true;
  dense.local_steps = 1;
  if (o.rounds) dense.most_rounds = *o.rounds * o.local_steps;  // as many steps
  dense.server_step = 1;
  all.push_back({exchange::dense, "dense", dense});
  for (const float up : o.times)
    for (const float down : down_times) {
      const gate_choice of_updates{up * *o.wt, 0}, of_broadcasts{down * *o.down_wt, 0};
      all.push_back({exchange::one_wt,
                     support::text("Wt %.3g up, %.3g down", double(of_updates.wt), double(of_broadcasts.wt)),
                     uniform(o, of_updates, of_broadcasts)});
    }

  setup budgets = common(o);
  for (const std::string& name : o.links) budgets.devices.push_back(on_budget(o, link_of(name)));
  budgets.down = {*o.down_wt, broadcast_bytes(o)};
  budgets.deadline_ms = static_cast<std::uint32_t>(std::lround(*o.round_seconds * 1000));
  all.push_back({exchange::budgets, "by link budgets", budgets});
  return all;
}

}  // namespace simulate
