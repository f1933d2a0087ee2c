// SPDX-License-Identifier: MIT
#include <algorithm>
#include <random>

#include <weir/weir.hpp>

#include "problem.hpp"

namespace peers {
namespace {

using weir::conv2d;
using weir::dense;
using weir::flatten;
using weir::gru;
using weir::input;
using weir::max_pool;
using weir::padding;
using weir::relu;
using weir::window;

typedef weir::sequential<input<784>, dense<128>, relu, dense<10>> dense_net;
typedef weir::sequential<input<1, 28, 28>, conv2d<6, window<5, 5>, padding<2, 2>>, relu, max_pool<window<2, 2>>,
                         conv2d<16, window<5, 5>>, relu, max_pool<window<2, 2>>, flatten, dense<120>, relu, dense<84>,
                         relu, dense<10>>
    lenet;
typedef weir::sequential<input<64, 32>, gru<32>, dense<10>> gru_net;

template <class Net>
class learner_of : public trainer {
 public:
  explicit learner_of(const problem& p) : x_(p.x), labels_(p.labels.begin(), p.labels.end()) {
    device_.begin(weir::momentum(rate(), momentum()), weir::always());
    std::copy(p.weights.begin(), p.weights.end(), device_.weights().data());
  }
  float loss() override {
    float sum = 0;
    for (size_t b = 0; b < labels_.size(); ++b) sum += device_.loss(x_.data() + b * Net::inputs(), labels_[b]);
    return sum / static_cast<float>(labels_.size());
  }
  void step() override { device_.train(x_.data(), labels_.data()); }

 private:
  weir::learner<float, Net, weir::softmax_cross_entropy, weir::momentum, weir::always, batch()> device_;
  std::vector<float> x_;
  std::vector<weir::index_t> labels_;
};

template <class Net>
problem problem_of() {
  problem p;
  p.weights.resize(Net::parameters());
  Net::initialize(p.weights.data(), 1);
  std::mt19937 random{2};
  p.x.resize(size_t{batch()} * Net::inputs());
  for (float& v : p.x) v = static_cast<float>(random() >> 8) / 16777216.0f;
  p.labels.resize(batch());
  for (int64_t& label : p.labels) label = static_cast<int64_t>(random() % classes());
  return p;
}

}  // namespace

problem problem_for(net n) {
  return n == net::dense ? problem_of<dense_net>() : n == net::lenet ? problem_of<lenet>() : problem_of<gru_net>();
}

std::unique_ptr<trainer> ours(net n, const problem& p) {
  if (n == net::dense) return std::make_unique<learner_of<dense_net>>(p);
  if (n == net::lenet) return std::make_unique<learner_of<lenet>>(p);
  return std::make_unique<learner_of<gru_net>>(p);
}

}  // namespace peers
