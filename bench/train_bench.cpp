// SPDX-License-Identifier: MIT
// A step of training: forward, loss, backward, gradient, fold, gate.
#include <weir/weir.hpp>

#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>
#include <random>
#include <vector>

namespace {

typedef weir::sequential<weir::input<64>, weir::dense<16>, weir::relu, weir::dense<10>> digits;
typedef weir::sequential<weir::input<784>, weir::dense<128>, weir::relu, weir::dense<10>> images;

template <class Number, class Model, class Optimizer, weir::index_t Batch>
void step(benchmark::State& state) {
  typedef weir::learner<Number, Model, weir::softmax_cross_entropy, Optimizer, weir::target_density, Batch> learner;
  const auto device = std::make_unique<learner>();
  device->begin(Optimizer(0.01f), weir::target_density(0.01f));
  std::mt19937 random{42};
  std::uniform_real_distribution<float> pixel{0.0f, 1.0f};
  std::vector<typename learner::weight> x;
  for (size_t i = 0; i < size_t{64} * Batch * Model::inputs(); ++i)
    x.push_back(typename learner::weight(pixel(random)));
  std::vector<weir::index_t> labels(size_t{64} * Batch);
  for (weir::index_t& label : labels) label = static_cast<weir::index_t>(random() % 10);
  size_t turn = 0;
  for (auto _ : state) {
    device->train(x.data() + turn * Batch * Model::inputs(), labels.data() + turn * Batch);
    turn = (turn + 1) % 64;
  }
  state.SetItemsProcessed(state.iterations() * Batch);
}

}  // namespace

BENCHMARK(step<float, digits, weir::sgd, 1>);
BENCHMARK(step<weir::fixed16<12>, digits, weir::sgd, 1>);
BENCHMARK(step<float, images, weir::momentum, 1>);
BENCHMARK(step<float, images, weir::momentum, 16>);
