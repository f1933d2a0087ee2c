// SPDX-License-Identifier: MIT
// The kernels of the gate's pass, beside the accumulation alone, r += rate * u; u *= keep, as the compiler vectorises it.
// Ratios within one run count; --benchmark_enable_random_interleaving=true --benchmark_repetitions=9 makes them comparable.
// Arguments: floats, and hits per thousand of them.
#include <benchmark/benchmark.h>
#if defined(__linux__)
#  include <sys/mman.h>
#endif

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <random>
#include <vector>
#include <weir/gate.hpp>
#include <weir/kernel/fold_list_hits.hpp>
#include <weir/kernel/list_hits.hpp>

namespace {

namespace k = weir::kernel;

constexpr size_t page = 4096;
constexpr weir::index_t chunk = weir::detail::gate_chunk();

/// Residual and velocity of the same noise on every run, in huge pages where the system has them, and not at the same
/// offset in their pages: a store to one must not look like a load from the other.
struct buffers {
  std::unique_ptr<void, decltype(&std::free)> memory;
  float* r;
  float* u;
  std::vector<uint16_t> list;

  explicit buffers(weir::index_t n) : memory(nullptr, &std::free), list(chunk + 8) {
    const size_t huge = size_t{2} << 20;
    const size_t bytes = (2 * (size_t{n} * sizeof(float) + page) + huge) / huge * huge;
    memory.reset(std::aligned_alloc(huge, bytes));
    if (!memory) throw std::bad_alloc();
#if defined(__linux__)
    madvise(memory.get(), bytes, MADV_HUGEPAGE);
#endif
    r = static_cast<float*>(memory.get());
    u = r + (size_t{n} * sizeof(float) + page) / page * (page / sizeof(float)) + page / 2 / sizeof(float);
    std::mt19937 random{42};
    std::normal_distribution<float> noise{0.0f, 1.0f};
    std::vector<float> block(1 << 14);
    for (float& v : block) v = noise(random);
    for (size_t i = 0; i < n; ++i) r[i] = block[i % block.size()], u[i] = block[(i + 77) % block.size()];
  }
};

// So small a rate, and a velocity that stays: the numbers are the same in each iteration, and none becomes subnormal.
float rate = 1e-12f;
float keep = 1.0f;
/// Of normal noise.
float wt_of(int64_t per_thousand) {
  return per_thousand >= 100 ? 1.644854f : per_thousand >= 10 ? 2.575829f : 3.290527f;
}

void accumulate(benchmark::State& state) {
  const auto n = static_cast<weir::index_t>(state.range(0));
  buffers b(n);
  float* const __restrict r = b.r;
  float* const __restrict u = b.u;
  for (auto _ : state) {
    benchmark::DoNotOptimize(rate);
    benchmark::DoNotOptimize(keep);
    const float a = rate, m = keep;
    for (weir::index_t i = 0; i < n; ++i) {
      r[i] += a * u[i];
      u[i] *= m;
    }
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * n);
}

template <class Isa>
void fold_list_hits(benchmark::State& state) {
  const auto n = static_cast<weir::index_t>(state.range(0));
  const float wt = wt_of(state.range(1));
  buffers b(n);
  for (auto _ : state)
    for (weir::index_t i = 0; i < n; i += chunk) {
      benchmark::DoNotOptimize(
          k::fold_list_hits(rate, b.u + i, keep, b.r + i, n - i < chunk ? n - i : chunk, wt, 0, b.list.data(), Isa()));
      benchmark::ClobberMemory();
    }
  state.SetItemsProcessed(state.iterations() * n);
}

template <class Isa>
void list_hits(benchmark::State& state) {
  const auto n = static_cast<weir::index_t>(state.range(0));
  const float wt = wt_of(state.range(1));
  buffers b(n);
  for (auto _ : state)
    for (weir::index_t i = 0; i < n; i += chunk) {
      benchmark::DoNotOptimize(k::list_hits(b.r + i, n - i < chunk ? n - i : chunk, wt, 0, b.list.data(), Isa()));
      benchmark::ClobberMemory();
    }
  state.SetItemsProcessed(state.iterations() * n);
}

void sizes(benchmark::internal::Benchmark* b) { b->ArgName("floats")->Arg(1 << 14)->Arg(25000000); }
void densities(benchmark::internal::Benchmark* b) {
  b->ArgNames({"floats", "hits"})->ArgsProduct({{1 << 14, 25000000}, {1, 10, 100}});
}

}  // namespace

BENCHMARK(accumulate)->Apply(sizes);
BENCHMARK(fold_list_hits<k::scalar>)->Apply(densities);
BENCHMARK(list_hits<k::scalar>)->Apply(densities);
#if WEIR_HAS_SSE2
BENCHMARK(fold_list_hits<k::sse2>)->Apply(densities);
BENCHMARK(list_hits<k::sse2>)->Apply(densities);
#endif
#if WEIR_HAS_AVX2
BENCHMARK(fold_list_hits<k::avx2>)->Apply(densities);
BENCHMARK(list_hits<k::avx2>)->Apply(densities);
#endif
#if WEIR_HAS_AVX512
BENCHMARK(fold_list_hits<k::avx512>)->Apply(densities);
BENCHMARK(list_hits<k::avx512>)->Apply(densities);
#endif
#if WEIR_HAS_NEON
BENCHMARK(fold_list_hits<k::neon>)->Apply(densities);
BENCHMARK(list_hits<k::neon>)->Apply(densities);
#endif
