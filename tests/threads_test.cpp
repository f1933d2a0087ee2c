// SPDX-License-Identifier: MIT
// The pool of threads, and a fleet whose large models are in segments.
#include <doctest/doctest.h>
#include <atomic>
#include <cstring>
#include <memory>
#include <thread>
#include <type_traits>
#include <vector>
#include <weir/host/threads.hpp>
#include <weir/weir.hpp>

namespace {

using weir::host::parallel;
using weir::host::threads;

struct by_hand {
  static size_t mtu() noexcept { return 0x3fff; }
  static weir::status send(weir::const_bytes) noexcept { return weir::status::busy; }
  static size_t receive(weir::bytes) noexcept { return 0; }
};

typedef weir::sequential<weir::input<12>, weir::dense<20>, weir::relu, weir::dense<4>> net;  // 344 weights

static_assert(std::is_trivially_copyable<weir::segmented<weir::ternary, 2, parallel>>::value, "a policy is a value");
static_assert(sizeof(weir::segmented<weir::ternary, 2, parallel>) <= 2 * sizeof(void*), "a pointer to the pool");

/// What a fleet of two gets to.
struct outcome {
  std::vector<float> weights;
  std::vector<uint8_t> broadcasts;
  float first_loss = 0, last_loss = 0;
  uint32_t full = 0;
};

template <class Optimizer, class Local, class Encoder>
outcome train(const Optimizer& optimizer, const Local& local, const Encoder& encoder) {
  typedef weir::pipeline<Optimizer, weir::target_density, Encoder, by_hand, Local> pipe;
  typedef weir::worker<float, net, weir::softmax_cross_entropy, pipe, 1, 192> worker;
  typedef weir::downlink<Encoder, weir::mean, weir::target_density> link;
  typedef weir::coordinator<float, net, link, 2, 192> coordinator;
  const auto center = std::make_unique<coordinator>();
  center->begin(link{weir::mean{}, weir::target_density{0.3f}, encoder}, weir::fleet_terms{2, 0, 0, 0});
  const auto workers = std::make_unique<worker[]>(2);
  const auto exchange = [&](worker& w) {
    for (weir::const_bytes d = w.outgoing(0); !d.empty(); d = w.outgoing(0)) {
      w.sent(0);
      const auto o = center->handle(d);
      if (!o.answer.empty()) w.handle(o.answer, 0);
    }
  };
  for (uint16_t rank = 0; rank < 2; ++rank) {
    workers[rank].begin(pipe{optimizer, weir::target_density{0.2f}, encoder, by_hand{}, local}, weir::rank_t{rank});
    exchange(workers[rank]);
  }
  weir::random_bits dice(7);
  outcome result;
  for (int round = 0; round < 150; ++round) {
    float loss = 0;
    for (uint16_t rank = 0; rank < 2; ++rank) {
      for (uint16_t k = 0; k < local.steps; ++k) {
        float x[12];
        const uint32_t label = dice.below(4);
        for (float& v : x) v = static_cast<float>(dice.below(1000)) / 1000.0f;
        for (uint32_t i = 0; i < 3; ++i) x[3 * label + i] += 1.0f;
        loss += workers[rank].loss(x, static_cast<weir::index_t>(label));
        workers[rank].train(x, static_cast<weir::index_t>(label));
      }
      exchange(workers[rank]);
      result.full += workers[rank].report().full ? 1 : 0;
    }
    (round < 20 ? result.first_loss : result.last_loss) += round < 20 || round >= 130 ? loss : 0;
    REQUIRE(center->round_due(0));
    const weir::const_bytes b = center->close_round(0);
    result.broadcasts.insert(result.broadcasts.end(), b.begin(), b.end());
    for (uint16_t rank = 0; rank < 2; ++rank) {
      REQUIRE(workers[rank].handle(b, 0) == weir::status::ok);
      REQUIRE(std::memcmp(workers[rank].weights().data(), center->weights().data(), net::parameters() * 4) == 0);
    }
  }
  result.weights.assign(center->weights().begin(), center->weights().end());
  return result;
}

template <class Optimizer, class Local, class Encoder>
void compare(const Optimizer& optimizer, const Local& local, threads& pool) {
  const outcome alone = train(optimizer, local, weir::segmented<Encoder, 3>());
  const outcome together = train(optimizer, local, weir::segmented<Encoder, 3, parallel>(Encoder(), parallel(pool)));
  CHECK(alone.broadcasts == together.broadcasts);
  CHECK(std::memcmp(alone.weights.data(), together.weights.data(), alone.weights.size() * 4) == 0);
  CHECK(alone.last_loss < 0.5f * alone.first_loss);
}

}  // namespace

TEST_CASE("each task is done once, and what it has written is seen") {
  for (const unsigned size : {1u, 2u, 5u}) {
    threads pool(size);
    CHECK(pool.size() == size);
    for (unsigned run = 0; run < 2000; ++run) {
      const auto count = static_cast<uint8_t>(run % 12 == 11 ? 255 : run % 12);
      unsigned done[256] = {};  // nobody's but the task's: a race would show here
      pool.run(count, [&](uint8_t i) { done[i] += i + run; });
      for (unsigned i = 0; i < 256; ++i) REQUIRE(done[i] == (i < count ? i + run : 0));
    }
  }
}

TEST_CASE("task i is done by thread i modulo the pool's size, the first by the caller") {
  threads pool(3);
  std::thread::id by[7], again[7];
  pool.run(7, [&](uint8_t i) { by[i] = std::this_thread::get_id(); });
  pool.run(7, [&](uint8_t i) { again[i] = std::this_thread::get_id(); });
  CHECK((by[0] == std::this_thread::get_id()));
  for (int i = 0; i < 7; ++i) CHECK((by[i] == by[i % 3]));
  CHECK((by[0] != by[1] && by[1] != by[2] && by[0] != by[2]));
  for (int i = 0; i < 7; ++i) CHECK((by[i] == again[i]));
}

TEST_CASE("tasks do run at the same time: each waits for the others") {
  threads pool(3);
  std::atomic<unsigned> here(0);
  for (unsigned run = 1; run <= 20; ++run)
    pool.run(3, [&](uint8_t) {
      ++here;
      while (here < 3 * run) std::this_thread::yield();
    });
  CHECK(here == 60);
}

TEST_CASE("two callers share a pool: one waits for the other") {
  threads pool(2);
  std::atomic<int> inside(0);
  std::atomic<bool> mixed(false);
  const auto caller = [&](unsigned& sum, int me) {
    for (unsigned run = 0; run < 500; ++run) {
      unsigned done[4] = {};
      pool.run(4, [&](uint8_t i) {
        const int all = inside += me;
        if (all > 100 && all % 100 != 0) mixed = true;  // of both callers
        done[i] = i + 1u;
        inside -= me;
      });
      for (const unsigned d : done) sum += d;
    }
  };
  unsigned first = 0, second = 0;
  std::thread t(caller, std::ref(first), 1);
  caller(second, 100);
  t.join();
  CHECK(first == 5000);
  CHECK(second == 5000);
  CHECK(!mixed);
}

TEST_CASE("a pool that is never used, and one that is gone at once") {
  for (int i = 0; i < 50; ++i) threads pool(4);
  for (int i = 0; i < 50; ++i) {
    threads pool(4);
    int sum[4] = {};
    pool.run(4, [&](uint8_t k) { sum[k] = 1; });
    CHECK(sum[0] + sum[1] + sum[2] + sum[3] == 4);
  }
}

TEST_CASE("a fleet of models in segments trains, and by threads to the same weights, bit for bit") {
  threads pool(2);
  compare<weir::momentum, weir::accumulate_only, weir::ternary>(weir::momentum(0.02f), weir::accumulate_only(2), pool);
  compare<weir::nesterov, weir::local_steps, weir::ternary>(weir::nesterov(0.02f), weir::local_steps(3), pool);
  compare<weir::sgd, weir::accumulate_only, weir::sparse16>(weir::sgd(0.1f), weir::accumulate_only(2), pool);
  const outcome o = train(weir::sgd(0.1f), weir::accumulate_only(2), weir::segmented<weir::sparse32, 2>());
  CHECK(o.full > 10);  // frames that are full are among them
}
