// SPDX-License-Identifier: MIT
// The two plans for deltas, side by side: learn, and backward then gradient. And the gradient of the whole network against
// differences of its loss.
#pragma once

#include "gradient_buffer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>
#include <weir/nn/sequential.hpp>

namespace test_support {

/// Both plans give the same gradient, bit for bit. For floats, and losses of labels, steps along the gradient change the loss as
/// much as they should.
template <class Net, class Loss, weir::index_t B, class A = float>
void learn_twice(uint32_t seed = 1) {
  std::mt19937 rng{seed};
  const auto unit = [&] { return static_cast<float>(rng() >> 8) / 8388608.0f - 1.0f; };
  std::vector<A> w(Net::parameters()), x(B * Net::inputs());
  Net::initialize(w.data(), seed);
  for (A& v : w) v = A(weir::to_float(v) + 0.05f * unit());
  for (A& v : x) v = A(unit());
  const auto to_deltas = [&](auto& space) {
    const A* const y = Net::template forward<B>(static_cast<const A*>(w.data()), static_cast<const A*>(x.data()),
                                                static_cast<A*>(space.cells));
    for (weir::index_t b = 0; b < B; ++b)
      Loss::gradient(y + b * Net::outputs(), Net::outputs(), static_cast<weir::index_t>(b % Net::outputs()),
                     space.delta() + b * Net::outputs());
  };
  static typename Net::template full_workspace<A, B> full;
  std::fill(std::begin(full.cells), std::end(full.cells), A(3.0f));
  to_deltas(full);
  Net::template backward<B>(static_cast<const A*>(w.data()), static_cast<const A*>(x.data()), full);
  gradient_buffer sink(Net::parameters());
  Net::template gradient<B>(static_cast<const A*>(x.data()), full, sink);

  static typename Net::template workspace<A, B> space;
  std::fill(std::begin(space.cells), std::end(space.cells), A(5.0f));
  to_deltas(space);
  gradient_buffer on_the_way(Net::parameters());
  Net::template learn<B>(static_cast<const A*>(w.data()), static_cast<const A*>(x.data()), space, on_the_way);
  CHECK(on_the_way.g == sink.g);
  double length2 = 0;
  for (const float g : sink.g) length2 += static_cast<double>(g) * static_cast<double>(g);
  CHECK(length2 > 1e-6);

  if (!weir::is_same<A, float>::value) return;
  const auto loss_at = [&](double step) {
    std::vector<A> moved(w);
    for (size_t i = 0; i < w.size(); ++i)
      moved[i] = A(weir::to_float(w[i]) + static_cast<float>(step / std::sqrt(length2)) * sink.g[i]);
    std::vector<A> cells(Net::template elements<A>(B));
    const A* const y =
        Net::template forward<B>(static_cast<const A*>(moved.data()), static_cast<const A*>(x.data()), cells.data());
    double sum = 0;
    for (weir::index_t b = 0; b < B; ++b)
      sum += static_cast<double>(
          Loss::value(y + b * Net::outputs(), Net::outputs(), static_cast<weir::index_t>(b % Net::outputs())));
    return sum;
  };
  const double h = 1e-3, slope = (loss_at(h) - loss_at(-h)) / (2 * h);
  CHECK(std::fabs(slope - std::sqrt(length2)) <= 5e-3 * std::sqrt(length2) + 1e-3);
}

}  // namespace test_support
