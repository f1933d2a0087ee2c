// SPDX-License-Identifier: MIT
#pragma once

#include <weir/policy/layer.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// The shape of one sample, at the head of a model: input<64>, input<1, 28, 28>.
template <index_t... Extents>
struct input {
  typedef shape<Extents...> type;
};

namespace detail {

template <class T>
struct is_input : false_type {};
template <index_t... Extents>
struct is_input<input<Extents...>> : true_type {};
template <class T>
struct require_input {
  static_assert(is_input<T>::value, "weir: a model begins with its input: sequential<input<64>, dense<16>, ...>");
};

/// The layers from one on, applied to `In`. A layer's output gets a block of the workspace, unless the layer works in
/// place and nothing else needs what it overwrites (Reuse). Deltas have blocks of the same sizes.
template <bool First, class In, bool Reuse, class... Layers>
struct chain;

template <bool First, class In, bool Reuse>
struct chain<First, In, Reuse> {
  typedef In output;
  static constexpr index_t parameters() noexcept { return 0; }
  static constexpr index_t elements() noexcept { return 0; }
  static constexpr uint32_t fingerprint(uint32_t so_far) noexcept { return so_far; }
  template <class A>
  static void initialize(A*, random_bits&) noexcept {}
  template <index_t B, class A>
  static A* forward(const A*, A* y, A*) noexcept {
    return y;
  }
  template <index_t B, class A>
  static void backward(const A*, A*, A*, A*, A*) noexcept {}
  template <index_t B, class A, class Sink>
  static void gradient(A*, A*, A*, A*, Sink&, index_t) noexcept {}
  template <index_t B, class A>
  static float gradient_norm2(A*, A*, A*, A*) noexcept {
    return 0;
  }
};

template <bool First, class In, bool Reuse, class L, class... Rest>
struct chain<First, In, Reuse, L, Rest...> : require_layer<L, In> {
  typedef typename L::template on<In> layer;
  typedef bool_constant<!(Reuse && layer::in_place())> stored;
  typedef chain<false, typename layer::output, !layer::needs_output(), Rest...> rest;
  typedef typename rest::output output;

  static constexpr index_t own() noexcept { return stored::value ? layer::output::size() : 0; }
  static_assert(static_cast<uint64_t>(layer::parameters()) + rest::parameters() <= static_cast<index_t>(-1),
                "weir: this model has more weights than index_t can count on this machine");
  static constexpr index_t parameters() noexcept {
    return static_cast<index_t>(layer::parameters() + rest::parameters());
  }
  /// Elements of one sample's activations; the deltas are as many.
  static constexpr index_t elements() noexcept { return static_cast<index_t>(own() + rest::elements()); }
  static constexpr uint32_t fingerprint(uint32_t so_far) noexcept {
    return rest::fingerprint(mix(so_far, layer::fingerprint()));
  }

  template <class A>
  static void initialize(A* w, random_bits& random) noexcept {
    layer::initialize(w, random);
    rest::initialize(w + layer::parameters(), random);
  }

  /// `free` is the workspace that is left; returns the outputs.
  template <index_t B, class A, class X>
  static A* forward(const A* w, X* x, A* free) noexcept {
    A* const y = block(x, free, stored());
    layer::template forward<B>(w, static_cast<const X*>(x), y);
    return rest::template forward<B>(w + layer::parameters(), y, free + B * own());
  }

  /// The delta of the outputs is in place; fills all others, from the last to the first.
  template <index_t B, class A, class X>
  static void backward(const A* w, X* x, A* free, A* dx, A* dfree) noexcept {
    A* const y = block(x, free, stored());
    A* const dy = block(dx, dfree, stored());
    rest::template backward<B>(w + layer::parameters(), y, free + B * own(), dy, dfree + B * own());
    if (!First) layer::template backward<B>(w, static_cast<const A*>(y), static_cast<const A*>(dy), dx);
  }

  template <index_t B, class A, class X, class Sink>
  static void gradient(X* x, A* free, A* dx, A* dfree, Sink& sink, index_t offset) noexcept {
    A* const y = block(x, free, stored());
    A* const dy = block(dx, dfree, stored());
    layer::template gradient<B>(static_cast<const X*>(x), static_cast<const A*>(dy), sink, offset);
    rest::template gradient<B>(y, free + B * own(), dy, dfree + B * own(), sink,
                               static_cast<index_t>(offset + layer::parameters()));
  }

  template <index_t B, class A, class X>
  static float gradient_norm2(X* x, A* free, A* dx, A* dfree) noexcept {
    static_assert(layer::parameters() == 0 || layer_has_norm<layer>::value,
                  "weir: clipping needs `gradient_norm2` of every layer with weights; see weir/policy/layer.hpp");
    A* const y = block(x, free, stored());
    A* const dy = block(dx, dfree, stored());
    return layer::template gradient_norm2<B>(static_cast<const X*>(x), static_cast<const A*>(dy)) +
           rest::template gradient_norm2<B>(y, free + B * own(), dy, dfree + B * own());
  }

 private:
  template <class X, class A>
  static A* block(X*, A* free, true_type) noexcept {
    return free;
  }
  template <class A>
  static A* block(A* x, A*, false_type) noexcept {
    return x;
  }
};

}  // namespace detail

/// A model: layers one after the other, with shapes known to the compiler. It has no storage: it is a set of functions
/// on weights and a workspace of 2 * B * elements() numbers for a batch of B.
///
///   using net = weir::sequential<weir::input<64>, weir::dense<16>, weir::relu, weir::dense<10>>;
template <class Input, class... Layers>
struct sequential : private detail::require_input<Input> {
  static_assert(sizeof...(Layers) > 0, "weir: a model needs at least one layer behind its input");

  typedef typename Input::type input_shape;
  typedef detail::chain<true, input_shape, false, Layers...> layers;
  typedef typename layers::output output_shape;

  static constexpr index_t inputs() noexcept { return input_shape::size(); }
  static constexpr index_t outputs() noexcept { return output_shape::size(); }
  static constexpr index_t parameters() noexcept { return layers::parameters(); }
  static constexpr index_t elements() noexcept { return layers::elements(); }
  static constexpr uint32_t fingerprint() noexcept {
    return layers::fingerprint(input_shape::fingerprint(name_id("sequential")));
  }

  /// Activations and deltas of B samples; deltas are overwritten by each backward pass.
  template <class A, index_t B>
  struct workspace {
    A activations[B * layers::elements()];
    A deltas[B * layers::elements()];
  };

  /// Fills w[parameters()] from a seed: the same numbers on every platform.
  template <class A>
  static void initialize(A* w, uint32_t seed) noexcept {
    random_bits random(seed);
    layers::initialize(w, random);
  }

  /// Runs B samples (x[B][inputs()]); returns their outputs, [B][outputs()], inside `activations`, which has room for
  /// B * elements() numbers.
  template <index_t B, class A, class X>
  static A* forward(const A* w, const X* x, A* activations) noexcept {
    return layers::template forward<B>(w, x, activations);
  }

  /// After forward, and with d loss / d output in `deltas` where forward put the outputs in `activations`:
  /// computes the deltas of all layers.
  template <index_t B, class A, class X>
  static void backward(const A* w, const X* x, workspace<A, B>& space) noexcept {
    layers::template backward<B>(w, x, space.activations, static_cast<A*>(nullptr), space.deltas);
  }

  /// After backward: hands the gradient, summed over the batch, to the sink.
  template <index_t B, class A, class X, class Sink>
  static void gradient(const X* x, workspace<A, B>& space, Sink& sink) noexcept {
    layers::template gradient<B>(x, space.activations, static_cast<A*>(nullptr), space.deltas, sink, index_t(0));
  }

  /// After backward: the squared length of that gradient.
  template <index_t B, class A, class X>
  static float gradient_norm2(const X* x, workspace<A, B>& space) noexcept {
    return layers::template gradient_norm2<B>(x, space.activations, static_cast<A*>(nullptr), space.deltas);
  }
};

}  // namespace WEIR_ABI
}  // namespace weir
