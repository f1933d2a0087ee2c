// SPDX-License-Identifier: MIT
#include "problem.hpp"

namespace peers {
namespace {

[[maybe_unused]] contest between(const char* name, const char* peer, net n,
                                 std::unique_ptr<trainer> (*theirs)(net, const problem&)) {
  const problem p = problem_for(n);
  return {name, peer, ours(n, p), theirs(n, p)};
}

}  // namespace

std::vector<contest> all_contests() {
  std::vector<contest> all;
#if WEIR_PEERS_EIGEN
  all.push_back(between("dense 784-128-10", "Eigen", net::dense, [](net, const problem& p) { return by_eigen(p); }));
#endif
#if WEIR_PEERS_TORCH
  all.push_back(between("dense 784-128-10", "libtorch", net::dense, by_torch));
  all.push_back(between("LeNet-5 28x28", "libtorch", net::lenet, by_torch));
  all.push_back(between("GRU 32, 64 steps", "libtorch", net::gru, by_torch));
#endif
  return all;
}

}  // namespace peers
