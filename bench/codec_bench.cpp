// SPDX-License-Identifier: MIT
// Encoding what has passed, and decoding it into a dense array. Argument: density in units of 0.01 % of a million weights.
#include <weir/weir.hpp>

#include <benchmark/benchmark.h>

#include <cstdint>
#include <random>
#include <vector>

namespace {

constexpr weir::index_t weights = 1 << 20;
typedef weir::grid<float, float> grid;

/// Evenly spread coordinates, as the gate finds them.
std::vector<weir::index_t> coordinates(double density) {
  std::mt19937 random{42};
  std::bernoulli_distribution emitted(density);
  std::vector<weir::index_t> hits;
  for (weir::index_t i = 0; i < weights; ++i)
    if (emitted(random)) hits.push_back(i);
  return hits;
}

template <class Encoder>
size_t encode_all(const std::vector<weir::index_t>& hits, std::vector<float>& cells, std::vector<uint8_t>& out) {
  typename Encoder::state state{};
  const weir::encode_request request = {1.0f, weights, 0, static_cast<weir::index_t>(hits.size())};
  typename Encoder::template writer<grid> writer(Encoder(), state, grid(1.0f), request,
                                                 weir::bytes(out.data(), out.size()));
  for (const weir::index_t i : hits) writer.put(i, cells[i]);
  return writer.finish(state);
}

template <class Encoder>
void encode(benchmark::State& state) {
  const auto hits = coordinates(static_cast<double>(state.range(0)) * 1e-4);
  std::vector<float> cells(weights, 1.0f);
  std::vector<uint8_t> out(Encoder::max_bytes(weights, static_cast<weir::index_t>(hits.size())));
  size_t size = 0;
  for (auto _ : state) {
    size = encode_all<Encoder>(hits, cells, out);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(hits.size()));
  state.counters["bits/hit"] = 8.0 * static_cast<double>(size) / static_cast<double>(hits.size());
}

struct add_to {
  float* dense;
  void operator()(weir::index_t i, float v) const noexcept { dense[i] += v; }
};

template <class Encoder>
void decode(benchmark::State& state) {
  const auto hits = coordinates(static_cast<double>(state.range(0)) * 1e-4);
  std::vector<float> cells(weights, 1.0f);
  std::vector<float> dense(weights);
  std::vector<uint8_t> out(Encoder::max_bytes(weights, static_cast<weir::index_t>(hits.size())));
  const size_t size = encode_all<Encoder>(hits, cells, out);
  for (auto _ : state) {
    Encoder::template decode<float>(weir::const_bytes(out.data(), size), weights, add_to{dense.data()});
    benchmark::DoNotOptimize(dense.data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(hits.size()));
}

void check_sum(benchmark::State& state) {
  const std::vector<uint8_t> frame(static_cast<size_t>(state.range(0)), 0x5a);
  for (auto _ : state) benchmark::DoNotOptimize(weir::crc32c(weir::const_bytes(frame.data(), frame.size())));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

}  // namespace

BENCHMARK(encode<weir::ternary>)->ArgName("density")->Arg(10)->Arg(100)->Arg(1000);
BENCHMARK(encode<weir::sparse32>)->ArgName("density")->Arg(100);
BENCHMARK(decode<weir::ternary>)->ArgName("density")->Arg(10)->Arg(100)->Arg(1000);
BENCHMARK(decode<weir::sparse32>)->ArgName("density")->Arg(100);
BENCHMARK(check_sum)->ArgName("bytes")->Arg(64)->Arg(4096);
