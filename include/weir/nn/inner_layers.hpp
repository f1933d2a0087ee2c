// SPDX-License-Identifier: MIT
#pragma once

#include <string.h>

#include <weir/nn/chain.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// Layers inside of a layer, by the plan that needs no more than the contract gives: activations in one block, which lives
/// from forward to gradient, and all deltas in another, which lives from backward to gradient. The first layer never writes
/// into the input.
template <class In, class... Layers>
struct inner_layers {
  static_assert(sizeof...(Layers) > 0, "weir: skip and recomputed need at least one layer inside");

  typedef chain<In, false, true, Layers...> layers;
  /// The same where nobody asks for dx: all blocks are where they are in `layers`.
  typedef chain<In, false, false, Layers...> layers_without_dx;
  typedef typename layers::output output;

  /// Runs the layers in `activations`; returns their outputs, inside of it.
  template <index_t B, class A, class X>
  static const A* forward(const A* w, const X* x, A* activations, A* carried, A* scratch, uint32_t chance) noexcept {
    return layers::template forward<B>(w, x, activations, carried, scratch, chance);
  }

  /// From the outputs' delta dy, which stays as it is, to dx (which may be null); fills `deltas`.
  template <index_t B, class A, class X>
  static void backward(const A* w, const X* x, A* activations, A* deltas, const layer_memory<A>& m, const A* dy,
                       A* dx) noexcept {
    A* const none = nullptr;
    memcpy(static_cast<void*>(layers::template delta<B>(none, deltas)), dy, B * output::size() * sizeof(A));
    if (dx == nullptr)
      layers_without_dx::template backward<B>(w, x, activations, none, deltas, m.carried, m.scratch, m.chance);
    else
      layers::template backward<B>(w, x, activations, dx, deltas, m.carried, m.scratch, m.chance);
  }

  template <index_t B, class A, class X, class Sink>
  static void gradient(const X* x, A* activations, A* deltas, const layer_memory<A>& m, Sink& sink,
                       index_t offset) noexcept {
    layers::template gradient<B>(x, activations, static_cast<A*>(nullptr), deltas, m.carried, m.scratch, m.chance, sink,
                                 offset);
  }

  template <index_t B, class A, class X>
  static float gradient_norm2(const X* x, A* activations, A* deltas) noexcept {
    return layers::template gradient_norm2<B>(x, activations, static_cast<A*>(nullptr), deltas);
  }
};

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
