// SPDX-License-Identifier: MIT
// One net to be trained by two libraries.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace peers {

constexpr int batch() { return 32; }
constexpr int classes() { return 10; }
constexpr float rate() { return 0.01f; }
constexpr float momentum() { return 0.9f; }

/// What both begin with: weights in weir's order, a batch of samples, their labels.
struct problem {
  std::vector<float> weights;
  std::vector<float> x;
  std::vector<int64_t> labels;
};

/// Someone who trains a net on one batch, again and again.
struct trainer {
  virtual ~trainer() = default;
  virtual float loss() = 0;  ///< the mean over the batch, before the next step
  virtual void step() = 0;   ///< forward, loss, backward, momentum, weights
};

struct contest {
  std::string net;
  std::string peer;
  std::unique_ptr<trainer> ours;
  std::unique_ptr<trainer> theirs;
};

/// All nets with all peers that this program was built with.
std::vector<contest> all_contests();

enum class net { dense, lenet, gru };
problem problem_for(net n);
std::unique_ptr<trainer> ours(net n, const problem& p);
std::unique_ptr<trainer> by_eigen(const problem& p);  // dense
std::unique_ptr<trainer> by_torch(net n, const problem& p);

}  // namespace peers
