// SPDX-License-Identifier: MIT
// Weights of 8 bits and residuals of 8 bits, from the fold to the broadcast.
#include <doctest/doctest.h>

#include <cstring>
#include <memory>
#include <vector>
#include <weir/weir.hpp>

namespace {

typedef weir::sequential<weir::input<5>, weir::dense<4>, weir::relu, weir::dense<3>> net;  // 39 weights
typedef weir::numbers<weir::fixed16<10>, weir::fixed8<10>> int16r8;
typedef weir::fixed8<5> int8;
typedef weir::numbers<weir::fixed8<5>, weir::fixed8<9>> int8r8;

/// Three clouds in five dimensions, as 8-bit inputs.
weir::index_t cloud(weir::random_bits& random, weir::fixed8<6>* x) {
  static const float center[3][5] = {{1, 0, 0, 0.5f, 0}, {0, 1, -0.5f, 0, 0.5f}, {-1, 0, 0.5f, 1, 0}};
  const weir::index_t label = random.below(3);
  for (int i = 0; i < 5; ++i) x[i] = weir::fixed8<6>(center[label][i] + 0.8f * (random.unit() - 0.5f));
  return label;
}

template <class Number, class Local>
struct small_fleet {
  static constexpr uint16_t ranks = 3;
  typedef weir::loopback<64, 4> line;
  typedef weir::pipeline<weir::sgd, weir::target_density, weir::ternary, line, Local> pipe;
  typedef weir::worker<Number, net, weir::softmax_cross_entropy, pipe> node;
  typedef weir::downlink<weir::ternary, weir::mean, weir::target_density> link;
  typedef weir::coordinator<Number, net, link, ranks> center_type;

  typename line::line lines[ranks] = {};
  std::vector<line> ends;
  std::vector<node> nodes{ranks};
  center_type center = {};
  std::vector<typename node::weight> first;
  std::vector<int64_t> added = std::vector<int64_t>(net::parameters());  // what folding really added, of all ranks
  weir::random_bits random{7};
  uint32_t now = 0;

  explicit small_fleet(float rate = 0.1f, uint32_t seed = 1) {
    for (uint16_t i = 0; i < ranks; ++i) {
      ends.push_back(line::coordinator_end(lines[i]));
      nodes[i].begin(
          pipe{weir::sgd{rate}, weir::target_density{0.2f}, weir::ternary{}, line::worker_end(lines[i]), Local{1}},
          weir::rank_t{i}, seed);
    }
    center.begin(link{weir::mean{}, weir::target_density{0.3f}, weir::ternary{}}, weir::fleet_terms{ranks, 2, 0, 0},
                 seed);
    first.assign(center.weights().begin(), center.weights().end());
  }

  std::vector<int64_t> residual(node& w) {
    std::vector<int64_t> r(net::parameters());
    for (size_t i = 0; i < r.size(); ++i) r[i] = w.pending()[i].raw;
    return r;
  }

  void train(node& w) {
    weir::fixed8<6> x[5];
    const weir::index_t label = cloud(random, x);
    const std::vector<int64_t> before = residual(w);
    w.train(x, label);
    const std::vector<int64_t> after = residual(w);
    for (size_t i = 0; i < added.size(); ++i) added[i] += after[i] - before[i];
  }

  void run(uint32_t rounds) {
    weir::star<line> hub{weir::span<line>(ends.data(), ends.size())};
    const uint32_t last = center.round_number() + rounds;
    for (; center.round_number() < last; ++now) {
      REQUIRE(now < 2000000);
      for (node& w : nodes) {
        if (w.member_state() == weir::membership::member && w.batches() < w.steps_per_round()) train(w);
        w.poll(now);
      }
      center.poll(hub, now);
    }
    for (node& w : nodes)
      while (w.round_number() != center.round_number()) w.poll(now);
  }

  int hits_of_1000() {
    weir::random_bits other(4711);
    weir::fixed8<6> x[5];
    typename node::weight space[net::elements()];
    int hits = 0;
    for (int i = 0; i < 1000; ++i) {
      const weir::index_t label = cloud(other, x);
      hits += center.predict(x, space) == label ? 1 : 0;
    }
    return hits;
  }
};

}  // namespace

TEST_CASE("formats: a velocity has 16 bits at least, and 4 bytes of chance stand only where something needs them") {
  static_assert(weir::is_same<weir::number<int8>::residual, weir::fixed16<11>>::value, "64 times finer");
  static_assert(weir::is_same<weir::number<int8>::velocity, weir::fixed16<11>>::value, "");
  static_assert(weir::is_same<weir::number<int8r8>::velocity, weir::fixed16<11>>::value, "");
  static_assert(weir::is_same<weir::number<int16r8>::velocity, weir::fixed16<10>>::value, "the weights' format");
  static_assert(weir::is_same<weir::number<float>::velocity, float>::value, "");
  static_assert(!weir::number<weir::fixed16<12>>::residual_by_chance() && !weir::number<float>::weights_by_chance(),
                "");

  typedef weir::sgd o;
  typedef weir::softmax_cross_entropy loss;
  using weir::detail::trainer;
  constexpr size_t n = net::parameters(), space = 2 * net::elements(), counters = 4 + 4 + 2;
  const auto is = [](size_t size, size_t parts) { return size >= parts && size <= parts + 4; };  // but for alignment
  CHECK(is(sizeof(trainer<weir::fixed16<12>, net, loss, o, weir::accumulate_only, 1>),
           counters + 2 * n + 2 * n + 2 * space));
  CHECK(is(sizeof(trainer<int16r8, net, loss, o, weir::accumulate_only, 1>), 4 + counters + 2 * n + n + 2 * space));
  CHECK(is(sizeof(trainer<int8r8, net, loss, o, weir::accumulate_only, 1>), 4 + counters + n + n + space));
  CHECK(is(sizeof(trainer<weir::fixed16<12>, net, loss, o, weir::local_steps, 1>),
           4 + counters + 2 * n + 2 * n + 2 * n + 2 * space));
  CHECK(is(sizeof(trainer<float, net, loss, o, weir::local_steps, 1>), counters + 4 * (n + n + n + space)));
}

TEST_CASE("an output at the end of its range has no gradient outwards, and one inwards") {
  typedef weir::fixed8<5> q;
  const auto held = [](int y, int dy) {
    q d = q::from_raw(static_cast<int8_t>(dy));
    weir::hold_in_range(q::from_raw(static_cast<int8_t>(y)), d);
    return d.raw;
  };
  CHECK(held(127, -5) == 0);  // the weights move against the gradient: this would push upwards
  CHECK(held(127, 5) == 5);
  CHECK(held(-127, 5) == 0);
  CHECK(held(-127, -5) == -5);
  CHECK(held(126, -5) == -5);
  CHECK(held(-126, 5) == 5);
  CHECK(held(0, 0) == 0);
  float d = -5;
  weir::hold_in_range(3e38f, d);
  CHECK(d == -5);
  CHECK(weir::relu::backward(q::from_raw(127), q::from_raw(-3)).raw == 0);
  CHECK(weir::relu::backward(q::from_raw(127), q::from_raw(3)).raw == 3);
  CHECK(weir::leaky_relu<3>::backward(q::from_raw(-127), q::from_raw(16)).raw == 0);
  CHECK(weir::leaky_relu<3>::backward(q::from_raw(-126), q::from_raw(16)).raw == 2);
}

TEST_CASE("weights in front of an output at the end of its range stay, or they would run away") {
  typedef weir::sequential<weir::input<1>, weir::dense<2>> two;
  typedef weir::learner<weir::fixed8<5>, two, weir::softmax_cross_entropy, weir::sgd, weir::always> learner;
  learner l = {};
  l.begin(weir::sgd{0.5f}, weir::always{});
  const weir::fixed8<5> full[4] = {weir::fixed8<5>(3.0f), weir::fixed8<5>(3.0f), {}, {}};
  std::memcpy(l.weights().data(), full, sizeof full);
  const weir::fixed8<6> x(1.5f);  // 4.5 twice: both outputs are at 127 / 32, whatever more the label asks for
  l.train(&x, 0);
  CHECK(l.weights()[0] == full[0]);
  CHECK(l.weights()[2] == full[2]);
  CHECK(l.weights()[1] < full[1]);
  CHECK(l.weights()[3] < full[3]);
  CHECK(l.report().wt == 0);
}

TEST_CASE("a Wt of less than a unit is a unit, and the report says so") {
  typedef weir::learner<int8, net, weir::softmax_cross_entropy, weir::sgd, weir::fixed_wt> learner;
  learner l = {};
  l.begin(weir::sgd{0.1f}, weir::fixed_wt{0.001f});
  weir::random_bits random(1);
  weir::fixed8<6> x[5];
  const weir::index_t label = cloud(random, x);
  l.train(x, label);
  CHECK(l.report().wt == 0.03125f);
}

TEST_CASE_TEMPLATE("a fleet of 8-bit numbers learns, agrees to the bit, and its books balance", Number, int16r8, int8,
                   int8r8) {
  const auto check = [](auto fleet) {
    const int before = fleet->hits_of_1000();
    for (int part = 0; part < 20; ++part) {
      fleet->run(50);
      // All is delivered now. Up: what folding really added is in the residuals or was sent. Down: the coordinator has
      // what it has not broadcast, and ranks times what it has left its weights.
      const int64_t fine =
          int64_t{1} << (weir::number<Number>::residual::fraction() - weir::number<Number>::weight::fraction());
      uint32_t open = 0;
      for (size_t i = 0; i < net::parameters(); ++i) {
        int64_t kept = 0;
        for (auto& w : fleet->nodes) kept += w.pending()[i].raw;
        const int64_t w = fleet->center.weights()[i].raw;
        const int64_t broadcast = fleet->first[i].raw - w;
        const int64_t sent = fleet->center.pending()[i].raw + fleet->center.divisor() * broadcast;
        if (fleet->added[i] != fine * sent + kept) ++open;
      }
      CHECK(open == 0);  // no weight comes to the end of its range, where it would take no more
      for (auto& w : fleet->nodes)
        CHECK(std::memcmp(w.weights().data(), fleet->center.weights().data(),
                          sizeof fleet->first[0] * net::parameters()) == 0);
    }
    CHECK(fleet->hits_of_1000() > 930);
    CHECK(fleet->hits_of_1000() > before);
  };
  check(std::make_unique<small_fleet<Number, weir::accumulate_only>>());
  check(std::make_unique<small_fleet<Number, weir::local_steps>>());
}

TEST_CASE("chances follow from the seed, and are not the same on two ranks") {
  typedef small_fleet<int16r8, weir::accumulate_only> fleet;
  const auto residuals_after_one = [](uint32_t seed) {
    const auto f = std::make_unique<fleet>(0.02f, seed);
    weir::fixed8<6> x[5];
    weir::random_bits random(3);
    const weir::index_t label = cloud(random, x);
    for (auto& w : f->nodes) w.train(x, label);  // the same sample, the same weights
    std::vector<std::vector<int64_t>> r;
    for (auto& w : f->nodes) r.push_back(f->residual(w));
    return r;
  };
  const auto a = residuals_after_one(1);
  CHECK(a == residuals_after_one(1));
  CHECK(a[0] != a[1]);
  CHECK(a[1] != a[2]);
}

TEST_CASE("a density that needs a Wt of less than a unit waits at the unit, and comes back from there at once") {
  const weir::target_density rule(0.5f);
  weir::target_density::state s = {};
  const auto grid = weir::worker_grid<weir::number<int8>>::make();
  CHECK(grid.sendable(0.001f) == 0.03125f);
  CHECK(grid.sendable(0.5f) == 0.5f);
  CHECK(grid.sendable(0.0f) == 0.0f);
  CHECK(weir::worker_grid<weir::number<float>>::make().sendable(1e-30f) == 1e-30f);
  const auto mean = [] { return 0.05f; };
  weir::gate_report last = {};
  float wt = grid.sendable(rule.next(s, last, mean));
  for (uint32_t round = 1; round < 1000; ++round) {
    last = {round, wt, 1000, 10, 0, false};  // far too few pass
    wt = grid.sendable(rule.next(s, last, mean));
  }
  CHECK(wt == 0.03125f);
  CHECK(s.wt > 0.01f);
  for (uint32_t round = 0; round < 3; ++round) {
    last = {1000 + round, wt, 1000, 999, 0, false};
    wt = grid.sendable(rule.next(s, last, mean));
  }
  CHECK(wt > 0.04f);
}
