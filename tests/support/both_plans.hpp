// SPDX-License-Identifier: MIT
// A whole model through the two plans that it has for its deltas: they must give the same gradient, bit for bit.
#pragma once

#include "gradient_buffer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <vector>
#include <weir/nn/sequential.hpp>

namespace test_support {

inline weir::detail::no_chance chance_for(uint32_t, weir::detail::no_chance) { return {}; }
inline uint32_t chance_for(uint32_t chance, uint32_t) { return chance; }

/// What one pass of a model gives.
struct pass_results {
  std::vector<float> outputs, gradient;
};

/// The gradient's norm as clipping gets it beside the gradient itself.
template <class Net, weir::index_t B, class A, class X>
void check_norm(const X* x, typename Net::template full_workspace<A, B>& full, const std::vector<float>& g,
                weir::true_type) {
  double length2 = 0;
  for (const float v : g) length2 += static_cast<double>(v) * static_cast<double>(v);
  CHECK(static_cast<double>(Net::template gradient_norm2<B>(x, full)) == doctest::Approx(length2).epsilon(1e-4));
}
template <class Net, weir::index_t B, class A, class X>
void check_norm(const X*, typename Net::template full_workspace<A, B>&, const std::vector<float>&, weir::false_type) {}

/// One batch of B samples, at the seed's weights and outputs' deltas. Norm: all layers know their gradient's norm.
template <class Net, weir::index_t B, class A = float, class X = A, bool Norm = true>
pass_results both_plans(uint32_t seed, const X* x, uint32_t chance = 1) {
  std::mt19937 rng{seed};
  const auto unit = [&] { return static_cast<float>(rng() >> 8) / 8388608.0f - 1.0f; };
  std::vector<A> w(Net::parameters()), dy(B * Net::outputs());
  Net::initialize(w.data(), seed);
  for (A& v : w) v = A(weir::to_float(v) + 0.1f * unit());
  for (A& v : dy) v = A(unit());
  const typename Net::chance c = chance_for(chance, typename Net::chance());

  pass_results results;
  const auto full = std::make_unique<typename Net::template full_workspace<A, B>>();
  std::fill(std::begin(full->cells), std::end(full->cells), A(3.0f));
  std::fill(full->cells, full->cells + Net::layers::template carried<A>(B), A(0.0f));
  const A* y = Net::template forward<B>(w.data(), x, full->cells, c);
  for (size_t i = 0; i < B * Net::outputs(); ++i) results.outputs.push_back(weir::to_float(y[i]));
  std::copy(dy.begin(), dy.end(), full->delta());
  Net::template backward<B>(w.data(), x, *full, c);
  gradient_buffer sink(Net::parameters());
  Net::template gradient<B>(x, *full, sink, c);
  results.gradient = sink.g;
  check_norm<Net, B, A>(x, *full, sink.g, weir::bool_constant<Norm>());

  const auto space = std::make_unique<typename Net::template workspace<A, B>>();
  std::fill(std::begin(space->cells), std::end(space->cells), A(-3.0f));
  std::fill(space->cells, space->cells + Net::layers::template carried<A>(B), A(0.0f));
  y = Net::template forward<B>(w.data(), x, space->cells, c);
  for (size_t i = 0; i < B * Net::outputs(); ++i) CHECK(weir::to_float(y[i]) == results.outputs[i]);
  std::copy(dy.begin(), dy.end(), space->delta());
  gradient_buffer on_the_way(Net::parameters());
  Net::template learn<B>(w.data(), x, *space, on_the_way, c);
  CHECK(on_the_way.g == sink.g);
  return results;
}

/// The same with inputs of the seed in [-1, 1].
template <class Net, weir::index_t B, class A = float, bool Norm = true>
pass_results both_plans(uint32_t seed, uint32_t chance = 1) {
  std::mt19937 rng{seed + 1000};
  std::vector<A> x(B * Net::inputs());
  for (A& v : x) v = A(static_cast<float>(rng() >> 8) / 8388608.0f - 1.0f);
  return both_plans<Net, B, A, A, Norm>(seed, x.data(), chance);
}

}  // namespace test_support
