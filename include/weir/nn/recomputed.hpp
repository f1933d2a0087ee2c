// SPDX-License-Identifier: MIT
#pragma once

#include <string.h>

#include <weir/nn/inner_layers.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// Chen et al., 2016: layers whose activations are not kept. Only their output survives the forward pass; backward runs them
/// again. The same numbers as without, bit for bit, for a second forward pass.
///
/// It pays where a model has several of them: their activations and deltas are needed one block at a time, so that the
/// model's memory grows with its largest block and not with their sum.
template <class... Layers>
struct recomputed {
  template <class In>
  struct on : layer_defaults {
    typedef detail::inner_layers<In, Layers...> inner;
    typedef typename inner::layers layers;
    static_assert(
        layers::template carried<float>(1) == 0,
        "weir: layers that carry state from one batch to the next cannot be recomputed: the second pass would "
        "begin with the state that the first one left");
    typedef typename layers::output output;

    static constexpr index_t parameters() noexcept { return layers::parameters(); }
    static constexpr uint32_t fingerprint() noexcept { return layers::fingerprint(name_id("recomputed")); }
    static constexpr bool knows_training() noexcept { return layers::knows_training(); }
    template <class A>
    static constexpr index_t handed(index_t batch) noexcept {
      return static_cast<index_t>(layers::template activations<A>(batch) + layers::template deltas<A>(batch));
    }
    template <class A>
    static constexpr index_t scratch(index_t batch) noexcept {
      return detail::larger(layers::template forward_size<A>(batch, 0), layers::template scratch<A>(batch));
    }

    template <class A>
    static void initialize(A* w, random_bits& random) noexcept {
      layers::initialize(w, random);
    }
    template <class Visitor>
    static void describe(Visitor& v) {
      layers::describe(v, 0);
    }

    template <index_t B, class A, class X>
    static void forward(const A* w, const X* x, A* y, const layer_memory<A>& m) noexcept {
      const A* const out =
          layers::template forward<B>(w, x, m.scratch, static_cast<A*>(nullptr), detail::above(), m.chance);
      memcpy(static_cast<void*>(y), out, B * output::size() * sizeof(A));
    }
    template <index_t B, class A, class X>
    static void backward(const A* w, const X* x, const A*, const layer_memory<A>& m, const A* dy, A* dx) noexcept {
      inner::template forward<B>(w, x, m.handed, m.carried, m.scratch, m.chance);
      inner::template backward<B>(w, x, m.handed, m.handed + layers::template activations<A>(B), m, dy, dx);
    }
    template <index_t B, class A, class X, class Sink>
    static void gradient(const X* x, const A*, const layer_memory<A>& m, const A*, Sink& sink,
                         index_t offset) noexcept {
      inner::template gradient<B>(x, m.handed, m.handed + layers::template activations<A>(B), m, sink, offset);
    }
    template <index_t B, class A, class X>
    static float gradient_norm2(const X* x, const layer_memory<A>& m, const A*) noexcept {
      return inner::template gradient_norm2<B>(x, m.handed, m.handed + layers::template activations<A>(B));
    }
  };
};

}  // namespace WEIR_ABI
}  // namespace weir
