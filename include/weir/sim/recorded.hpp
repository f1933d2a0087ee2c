// SPDX-License-Identifier: MIT
// A training step that costs nothing (C++17). Not part of the umbrella.
#pragma once

#include <weir/core/fingerprint.hpp>
#include <weir/core/random.hpp>
#include <weir/policy/layer.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace sim {

/// A layer that computes nothing: its gradient is its input, one number for each weight. So workers can be fed what has been
/// recorded, or drawn, and a simulation of many shows what the protocol does.
///
///   using model = weir::sequential<weir::input<1000>, weir::sim::recorded>;   // 1,000 weights, one output
struct recorded {
  template <class Input>
  struct on : layer_defaults {
    typedef shape<1> output;
    static constexpr index_t parameters() noexcept { return Input::size(); }
    static constexpr uint32_t fingerprint() noexcept { return mix(name_id("recorded"), Input::size()); }

    template <class A>
    static void initialize(A* w, random_bits& random) noexcept {
      for (index_t i = 0; i < parameters(); ++i) w[i] = A(random.unit() - 0.5f);
    }
    template <index_t B, class A, class X>
    static void forward(const A*, const X*, A* y, const layer_memory<A>&) noexcept {
      for (index_t b = 0; b < B; ++b) y[b] = A();
    }
    template <index_t B, class A, class X>
    static void backward(const A*, const X*, const A*, const layer_memory<A>&, const A*, A*) noexcept {}
    template <index_t B, class X, class A, class Sink>
    static void gradient(const X* x, const A*, const layer_memory<A>&, const A*, Sink& sink, index_t offset) noexcept {
      for (index_t b = 0; b < B; ++b) sink.add(offset, x + b * Input::size(), Input::size());
    }
  };
};

}  // namespace sim
}  // namespace WEIR_ABI
}  // namespace weir
