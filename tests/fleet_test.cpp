// SPDX-License-Identifier: MIT
// The protocol end to end, on networks that lose, repeat, reorder and damage, with workers whose power fails, also while
// they save, and who forget everything, or all but their counters, or nothing: the books must balance bit for bit, and when
// the weather clears everybody must agree.
// WEIR_SEEDS=10000 in the environment runs more networks than the few hundred that always run, WEIR_SEED=7 one of them.
#include <doctest/doctest.h>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "support/lossy_fleet.hpp"

namespace {

using test_support::fleet_plan;
using test_support::lossy_fleet;
using test_support::no_line;
using test_support::nvm_storage;
using test_support::weather;

typedef weir::sequential<weir::input<5>, weir::dense<4>, weir::relu, weir::dense<3>> small_net;  // 39 weights

// What an ATmega2560 runs.
template <class Saving, bool Narrow = false>
struct thrifty {
  typedef Saving saving;
  static constexpr bool narrow = Narrow;
  typedef weir::fixed16<12> number;
  typedef small_net model;
  typedef weir::pipeline<weir::sgd, weir::target_density, weir::ternary, no_line, weir::accumulate_only, weir::ternary,
                         Saving>
      pipe;
  typedef weir::downlink<weir::ternary, weir::mean, weir::target_density> link;
  static constexpr size_t frame_bytes = 48;
  static constexpr uint16_t max_ranks = 8;
  static constexpr uint8_t ring = 4;
  static pipe make_pipe(Saving saved) {
    return pipe{weir::sgd{0.05f}, weir::target_density{0.1f}, weir::ternary{},
                no_line{},        weir::accumulate_only{},    saved};
  }
  static link make_link(weir::mean m) { return link{m, weir::target_density{0.2f}, weir::ternary{}}; }
};

// Momentum, local steps, values in 16 bits, another encoder down than up, hardly a ring.
template <class Saving, bool Narrow = false>
struct lavish {
  typedef Saving saving;
  static constexpr bool narrow = Narrow;
  typedef weir::numbers<weir::fixed16<10>, weir::fixed16<14>> number;
  typedef small_net model;
  typedef weir::pipeline<weir::momentum, weir::fixed_wt, weir::sparse16, no_line, weir::local_steps, weir::strom,
                         Saving>
      pipe;
  typedef weir::downlink<weir::sparse16, weir::mean, weir::fixed_wt, weir::strom> link;
  static constexpr size_t frame_bytes = 52;
  static constexpr uint16_t max_ranks = 300;
  static constexpr uint8_t ring = 1;
  static pipe make_pipe(Saving saved) {
    return pipe{weir::momentum{0.05f}, weir::fixed_wt{0.01f}, weir::sparse16{}, no_line{}, weir::local_steps{1}, saved};
  }
  static link make_link(weir::mean m) { return link{m, weir::fixed_wt{0.004f}, weir::strom{}}; }
};

// Everything passes, both ways; the frames are always full.
template <class Saving, bool Narrow = false>
struct dense {
  typedef Saving saving;
  static constexpr bool narrow = Narrow;
  typedef weir::fixed16<12> number;
  typedef small_net model;
  typedef weir::pipeline<weir::sgd, weir::always, weir::dense32, no_line, weir::accumulate_only, weir::dense32, Saving>
      pipe;
  typedef weir::downlink<weir::dense32, weir::mean, weir::always> link;
  static constexpr size_t frame_bytes = 64;
  static constexpr uint16_t max_ranks = 8;
  static constexpr uint8_t ring = 2;
  static pipe make_pipe(Saving saved) {
    return pipe{weir::sgd{0.05f}, weir::always{}, weir::dense32{}, no_line{}, weir::accumulate_only{}, saved};
  }
  static link make_link(weir::mean m) { return link{m, weir::always{}, weir::dense32{}}; }
};

constexpr size_t nvm_at_once = static_cast<size_t>(-1);

uint32_t from_environment(const char* name, uint32_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? static_cast<uint32_t>(std::strtoul(text, nullptr, 10)) : otherwise;
}

// What the weather did to the fleets of a test: it must not have been fine by accident.
struct experience {
  uint32_t rounds = 0, applied = 0, repeated = 0, refused = 0, resets = 0, recovered = 0, cuts = 0, snapshots = 0,
           leaves = 0, crashes = 0, losses = 0, forgotten = 0;
};

// What went wrong with one seed; empty if nothing did. The storm begins after `sheltered` rounds of fine weather.
template <class Config>
std::string run(uint32_t seed, experience& all, uint32_t sheltered = 0) {
  weir::random_bits dice(~seed);
  fleet_plan plan;
  plan.workers = 1 + dice.below(5);
  plan.deadline_ms = dice.below(3) == 0 ? 0 : 100 + dice.below(400);
  plan.steps = static_cast<uint16_t>(dice.below(4));
  plan.gain = dice.below(3) == 0 ? 3 : 1;
  plan.shift = static_cast<uint8_t>(dice.below(3));
  weather storm;
  storm.drop = dice.below(51);
  storm.repeat = dice.below(31);
  storm.damage = dice.below(21);
  storm.slowest = 1 + dice.below(8);
  storm.detours = dice.below(2) * dice.below(40);
  storm.resets = dice.below(2) * dice.below(300);
  storm.leaves = dice.below(2) * dice.below(60);
  storm.crashes = dice.below(2) * dice.below(100);
  storm.losses = dice.below(3) == 0 ? 200 : 0;
  plan.speed = dice.below(4) == 0 ? nvm_at_once : 1 + dice.below(80);
  const weather calm = {0, 0, 0, 1, 0, 0, 0, 0, 0};
  if (sheltered != 0) plan.steps = 1;

  const auto fleet = std::make_unique<lossy_fleet<Config>>(seed, plan);
  while (fleet->rounds < sheltered)
    if (!fleet->tick(calm)) return fleet->broken;
  for (unsigned t = 0; t < 500; ++t)
    if (!fleet->tick(storm)) return fleet->broken;
  for (test_support::nvm& m : fleet->memories) m.speed = nvm_at_once;
  const uint32_t rounds = fleet->rounds;
  for (unsigned t = 0; t < 800; ++t)
    if (!fleet->tick(calm)) return fleet->broken;
  if (fleet->rounds < rounds + 20) return "only " + std::to_string(fleet->rounds - rounds) + " rounds in fine weather";
  fleet->training = false;
  bool done = false;
  for (unsigned t = 0; t < 3000 && !done; ++t) {  // what is sent again comes ever more slowly
    if (!fleet->tick(calm)) return fleet->broken;
    done = fleet->agreed() && fleet->quiet();
  }
  all.rounds += fleet->rounds;
  all.applied += fleet->applied_frames;
  all.repeated += fleet->repeated_frames;
  all.refused += fleet->refused;
  all.resets += fleet->resets;
  all.recovered += fleet->recovered;
  all.cuts += fleet->cuts;
  all.snapshots += fleet->snapshots;
  all.leaves += fleet->leaves;
  all.crashes += fleet->crashes;
  all.losses += fleet->losses;
  all.forgotten += fleet->forgotten;
  return done ? "" : "no agreement in fine weather";
}

}  // namespace

TEST_CASE_TEMPLATE("the books of a fleet balance in any weather, and in fine weather all agree", Config,
                   thrifty<weir::save_nothing>, lavish<weir::save_nothing>, dense<weir::save_nothing>,
                   thrifty<weir::save_counters<nvm_storage>>, lavish<weir::save_counters<nvm_storage, 3>>,
                   thrifty<weir::save_state<nvm_storage>>, lavish<weir::save_state<nvm_storage>>,
                   dense<weir::save_state<nvm_storage>>, thrifty<weir::save_state8<nvm_storage>, true>,
                   lavish<weir::save_all<nvm_storage>>) {
  const uint32_t only = from_environment("WEIR_SEED", 0);
  const uint32_t count = only != 0 ? only : from_environment("WEIR_SEEDS", 150);
  experience all;
  for (uint32_t seed = only != 0 ? only : 1; seed <= count; ++seed) {
    CAPTURE(seed);
    const std::string wrong = run<Config>(seed, all);
    CHECK_MESSAGE(wrong == "", wrong << "; again: WEIR_SEED=" << seed
                                     << " build/release/tests/weir_tests --source-file='*fleet_test*'");
  }
  if (only != 0) return;
  MESSAGE(count << " networks: " << all.rounds << " rounds, " << all.applied << " updates applied, " << all.repeated
                << " repeated, " << all.refused << " frames refused by workers, " << all.resets << " resets, "
                << all.recovered << " of them recovered, " << all.cuts << " in the midst of a save, " << all.snapshots
                << " snapshots, " << all.leaves << " leaves, " << all.crashes << " stops of the coordinator, "
                << all.losses << " with all it knew lost, " << all.forgotten
                << " updates forgotten of which nobody had been told");
  CHECK(all.rounds > 20 * count);
  CHECK(all.repeated > count);
  CHECK(all.refused > count);
  CHECK(all.resets > count);
  CHECK(all.snapshots > count);
  CHECK(all.leaves > count);
  CHECK(all.crashes > count);
  CHECK(all.losses > count / 10);
  CHECK(all.forgotten > count / 10);
  if (Config::saving::most() != weir::recovery::nothing) {
    CHECK(all.recovered > count);
    CHECK(all.cuts > count / 10);
  }
}

TEST_CASE("the books balance while rounds and sequences wrap") {
  experience all;
  for (uint32_t seed = 1; seed <= 3; ++seed) {
    CAPTURE(seed);
    CHECK(run<thrifty<weir::save_nothing>>(seed, all, 65520) == "");
  }
  CHECK(all.rounds > 3 * 65536);
}

namespace {

/// Three clouds in five dimensions, a little apart.
template <class Weight>
weir::index_t cloud(weir::random_bits& random, Weight* x) {
  static const float center[3][5] = {{1, 0, 0, 0.5f, 0}, {0, 1, -0.5f, 0, 0.5f}, {-1, 0, 0.5f, 1, 0}};
  const weir::index_t label = random.below(3);
  for (int i = 0; i < 5; ++i) x[i] = Weight(center[label][i] + 0.8f * (random.unit() - 0.5f));
  return label;
}

template <class Center>
int hits_of_1000(const Center& c) {
  typedef typename Center::weight weight;
  weir::random_bits random(4711);
  weight x[5], space[small_net::elements()];
  int hits = 0;
  for (int i = 0; i < 1000; ++i) {
    const weir::index_t label = cloud(random, x);
    hits += c.predict(x, space) == label ? 1 : 0;
  }
  return hits;
}

template <class Node, class Center>
bool same_weights(Node& w, const Center& c) {
  return w.round_number() == c.round_number() &&
         std::memcmp(w.weights().data(), c.weights().data(), small_net::parameters() * sizeof(c.weights()[0])) == 0;
}

/// Everybody trains and polls, until so many rounds are over.
template <class Nodes, class Center, class Hub, class Between>
void run_by_poll(Nodes& nodes, Center& center, Hub& hub, uint32_t rounds, Between between) {
  weir::random_bits random(1);
  typename Center::weight x[5];
  for (uint32_t now = 0; center.round_number() < rounds; ++now) {
    REQUIRE(now < 2000000);
    for (auto& w : nodes) {
      if (w.member_state() == weir::membership::member && w.batches() < w.steps_per_round()) {
        const weir::index_t label = cloud(random, x);
        w.train(x, label);
      }
      w.poll(now);
    }
    center.poll(hub, now);
    between();
  }
}

// A serial line that moves a few bytes a turn.
struct uart {
  std::deque<uint8_t> up, down;
  size_t up_room, down_room;
};
struct uart_port {
  std::deque<uint8_t>* in;
  std::deque<uint8_t>* out;
  size_t* room;
  int read() const {
    if (in->empty()) return -1;
    const int b = in->front();
    in->pop_front();
    return b;
  }
  bool write(uint8_t b) const {
    if (*room == 0) return false;
    --*room;
    out->push_back(b);
    return true;
  }
};

}  // namespace

TEST_CASE_TEMPLATE("a fleet on loopback lines learns, and all hold the same weights, bit for bit", Number, float,
                   weir::fixed16<12>) {
  typedef weir::loopback<64, 8> line;
  typedef weir::pipeline<weir::sgd, weir::target_density, weir::ternary, line> pipe;
  typedef weir::worker<Number, small_net, weir::softmax_cross_entropy, pipe> node;
  typedef weir::downlink<weir::ternary, weir::mean, weir::target_density> link;
  typedef weir::coordinator<Number, small_net, link, 4> coordinator;
  typename line::line lines[4] = {};
  std::vector<line> ends;
  std::vector<node> nodes(4);
  for (uint16_t i = 0; i < 4; ++i) {
    ends.push_back(line::coordinator_end(lines[i]));
    nodes[i].begin(pipe{weir::sgd{0.1f}, weir::target_density{0.2f}, weir::ternary{}, line::worker_end(lines[i])},
                   weir::rank_t{i}, i == 3 ? 99 : 1);  // one has other weights and fetches the fleet's
  }
  coordinator center = {};
  center.begin(link{weir::mean{}, weir::target_density{0.3f}, weir::ternary{}}, weir::fleet_terms{4, 2, 0, 0});
  weir::star<line> hub{weir::span<line>(ends.data(), ends.size())};
  const int before = hits_of_1000(center);
  run_by_poll(nodes, center, hub, 1500, [] {});
  for (node& w : nodes) w.poll(0);
  for (node& w : nodes) CHECK(same_weights(w, center));
  CHECK(hits_of_1000(center) > 930);
  CHECK(hits_of_1000(center) > before);
}

TEST_CASE("a fleet on serial lines, a few bytes a turn, and a coordinator whose lines do not get in each other's way") {
  typedef weir::byte_stream<uart_port> stream;
  typedef weir::buffered<stream, 64> line;
  typedef weir::pipeline<weir::sgd, weir::fixed_wt, weir::ternary, stream> pipe;
  typedef weir::worker<weir::fixed16<12>, small_net, weir::softmax_cross_entropy, pipe> node;
  typedef weir::downlink<weir::ternary, weir::mean, weir::fixed_wt> link;
  typedef weir::coordinator<weir::fixed16<12>, small_net, link, 3> coordinator;
  std::vector<uart> uarts(3);
  std::vector<line> ends;
  std::vector<node> nodes(3);
  for (uint16_t i = 0; i < 3; ++i) {
    uart& u = uarts[i];
    u.up_room = u.down_room = 0;
    ends.push_back(line{stream{uart_port{&u.up, &u.down, &u.down_room}}});
    nodes[i].begin(
        pipe{weir::sgd{0.1f}, weir::fixed_wt{0.01f}, weir::ternary{}, stream{uart_port{&u.down, &u.up, &u.up_room}}},
        weir::rank_t{i}, 5);  // they all have to fetch, at the same time
    nodes[i].set_resend_ms(1000);
  }
  coordinator center = {};
  center.begin(link{weir::mean{}, weir::fixed_wt{0.005f}, weir::ternary{}}, weir::fleet_terms{3, 1, 0, 0});
  weir::star<line> hub{weir::span<line>(ends.data(), ends.size())};
  run_by_poll(nodes, center, hub, 300, [&] {
    for (size_t i = 0; i < uarts.size(); ++i) uarts[i].up_room = uarts[i].down_room = 1 + 2 * i;
  });
  CHECK(hits_of_1000(center) > 800);
  for (node& w : nodes) CHECK(static_cast<uint16_t>(center.round_number() - w.round_number()) <= 1);
}
