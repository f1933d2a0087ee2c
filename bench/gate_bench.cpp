// SPDX-License-Identifier: MIT
// The pass that a pipeline runs, r += rate * u; gate; encode; u *= mu, beside the accumulation alone: their ratio within
// one run is what counts. Arguments: weights, and density in units of 0.01 %.
#include <weir/weir.hpp>

#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "goals/pass.hpp"

namespace {

constexpr float rate = 0.05f;
constexpr float mu = 0.9f;

struct buffers {
  std::vector<float> residual, velocity, update;
  std::vector<uint8_t> out;

  explicit buffers(weir::index_t n) : residual(n), velocity(n), update(n), out(8 + 8 * size_t{n}) {
    std::mt19937 random{42};  // the same updates on every run and machine
    std::normal_distribution<float> noise{0.0f, 1.0f};
    for (float& v : update) v = noise(random);
    for (float& v : residual) v = rate * noise(random);
    velocity = update;
  }
};

void accumulate(benchmark::State& state) {
  const auto n = static_cast<weir::index_t>(state.range(0));
  buffers b(n);
  for (auto _ : state) {
    float* const r = b.residual.data();
    float* const u = b.velocity.data();
    for (weir::index_t i = 0; i < n; ++i) {
      r[i] += rate * u[i];
      u[i] *= mu;
    }
    benchmark::DoNotOptimize(r);
    benchmark::DoNotOptimize(u);
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * n);
}

template <class Encoder>
void pass(benchmark::State& state) {
  const auto n = static_cast<weir::index_t>(state.range(0));
  const float density = static_cast<float>(state.range(1)) * 1e-4f;
  buffers b(n);
  const weir::target_density threshold(density);
  const Encoder encoder;
  const weir::momentum optimizer(rate, mu);
  goals::velocity velocity = {b.velocity.data()};
  weir::gate_state<weir::target_density, Encoder> gate{};
  weir::index_t shift = 0;
  const auto gradient = [&] {  // another piece of the same noise each step
    shift = (shift + 7919) % n;
    for (weir::index_t i = 0; i < n; ++i) b.velocity[i] += b.update[i + shift < n ? i + shift : i + shift - n];
  };
  const auto run = [&] {
    return weir::gate(b.residual.data(), n, weir::worker_grid<weir::number<float>>::make(), threshold, encoder, gate,
                      weir::bytes(b.out.data(), b.out.size()),
                      goals::folding(optimizer, velocity, b.residual.data(), n),
                      goals::forgetting{optimizer, velocity});
  };
  for (int warm = 0; warm < 100; ++warm) gradient(), run();  // until Wt has settled

  double hits = 0;
  double bytes = 0;
  for (auto _ : state) {
    state.PauseTiming();
    gradient();
    state.ResumeTiming();
    bytes += static_cast<double>(run());
    hits += gate.report.hits;
    benchmark::DoNotOptimize(b.out.data());
  }
  state.SetItemsProcessed(state.iterations() * n);
  state.counters["density"] = {hits / n, benchmark::Counter::kAvgIterations};
  state.counters["bits/hit"] = hits > 0 ? 8 * bytes / hits : 0;
}

}  // namespace

BENCHMARK(accumulate)->ArgName("weights")->Arg(1 << 14)->Arg(1 << 20);
BENCHMARK(pass<weir::ternary>)->ArgNames({"weights", "density"})->ArgsProduct({{1 << 14, 1 << 20}, {10, 100, 1000}});
BENCHMARK(pass<weir::sparse16>)->ArgNames({"weights", "density"})->Args({1 << 20, 100});
