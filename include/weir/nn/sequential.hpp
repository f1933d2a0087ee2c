// SPDX-License-Identifier: MIT
#pragma once

#include <weir/nn/chain.hpp>

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

}  // namespace detail

/// A model: layers one after the other, with shapes known to the compiler. It has no storage: it is a set of functions
/// on weights and a workspace.
///
///   using net = weir::sequential<weir::input<64>, weir::dense<16>, weir::relu, weir::dense<10>>;
///
/// Training on a batch is forward, then d loss / d output into space.delta(), then learn.
template <class Input, class... Layers>
struct sequential : private detail::require_input<Input> {
  static_assert(sizeof...(Layers) > 0, "weir: a model needs at least one layer behind its input");

  typedef typename Input::type input_shape;
  typedef detail::chain<input_shape, false, false, Layers...> layers;
  typedef typename layers::output output_shape;
  /// What training passes get beside samples: a number other than 0, and another one at each step (dropout draws from it);
  /// of an empty type where no layer asks for it.
  typedef typename conditional<layers::knows_training(), uint32_t, detail::no_chance>::type chance;

  static constexpr index_t inputs() noexcept { return input_shape::size(); }
  static constexpr index_t outputs() noexcept { return output_shape::size(); }
  static constexpr index_t parameters() noexcept { return layers::parameters(); }
  static constexpr uint32_t fingerprint() noexcept {
    return layers::fingerprint(input_shape::fingerprint(name_id("sequential")));
  }
  /// Numbers that forward needs for `batch` samples.
  template <class A = float>
  static constexpr index_t elements(index_t batch = 1) noexcept {
    return layers::template forward_size<A>(batch, layers::template carried<A>(batch));
  }

  /// The memory of training on B samples at a time, in numbers: activations, and no more than two deltas at a time.
  template <class A, index_t B>
  struct workspace {
    static constexpr index_t size() noexcept { return layers::template size<A>(B, layers::template carried<A>(B)); }
    /// Where d loss / d output belongs: [B][outputs()].
    A* delta() noexcept { return cells + layers::template carried<A>(B) + layers::template activations<A>(B); }
    /// Where forward may run one sample out of training: what is carried stays.
    A* single() noexcept { return cells + (layers::template carried<A>(B) - layers::template carried<A>(1)); }
    A cells[size()];
  };

  /// The memory of training where all deltas have to be there before the first gradient: one for each activation.
  template <class A, index_t B>
  struct full_workspace {
    static constexpr index_t deltas_from() noexcept {
      return static_cast<index_t>(layers::template carried<A>(B) + layers::template activations<A>(B));
    }
    static constexpr index_t scratch_from() noexcept {
      return static_cast<index_t>(deltas_from() + layers::template deltas<A>(B));
    }
    static constexpr index_t size() noexcept {
      return detail::larger(static_cast<index_t>(scratch_from() + layers::template scratch<A>(B)), elements<A>(B));
    }
    A* delta() noexcept { return layers::template delta<B>(static_cast<A*>(nullptr), cells + deltas_from()); }
    A* single() noexcept { return cells + (layers::template carried<A>(B) - layers::template carried<A>(1)); }
    A cells[size()];
  };

  /// Fills w[parameters()] from a seed: the same numbers on every platform.
  template <class A>
  static void initialize(A* w, uint32_t seed) noexcept {
    random_bits random(seed);
    layers::initialize(w, random);
  }

  /// Says what the arrays in w are, in the order they lie: v.layer(i), then v.array("weight", shape<16, 64>()) for each of
  /// that layer's, then v.end_layer(). i counts all layers from 0, as PyTorch's nn.Sequential does; layers inside of a layer
  /// come before its end. See weir/host/weight_arrays.hpp for a list of them.
  template <class Visitor>
  static void describe(Visitor& v) {
    layers::describe(v, 0);
  }

  /// Runs B samples (x[B][inputs()]); returns their outputs, [B][outputs()], inside `cells`, which has room for elements(B)
  /// numbers.
  template <index_t B, class A, class X>
  static A* forward(const A* w, const X* x, A* cells, chance c = chance()) noexcept {
    return layers::template forward<B>(w, x, cells + layers::template carried<A>(B), cells, detail::above(), c);
  }

  /// After forward, and with d loss / d output in space.delta(): hands the gradient, summed over the batch, to the sink.
  /// Overwrites all activations.
  template <index_t B, class A, class X, class Sink>
  static void learn(const A* w, const X* x, workspace<A, B>& space, Sink& sink, chance c = chance()) noexcept {
    layers::template learn<B, layers::template carried<A>(B), workspace<A, B>::size()>(w, x, space.cells, space.cells,
                                                                                       c, sink, index_t(0));
  }

  /// The same in two steps. After forward, and with d loss / d output in space.delta(): computes the deltas of all layers.
  template <index_t B, class A, class X>
  static void backward(const A* w, const X* x, full_workspace<A, B>& space, chance c = chance()) noexcept {
    layers::template backward<B>(w, x, space.cells + layers::template carried<A>(B), static_cast<A*>(nullptr),
                                 space.cells + space.deltas_from(), space.cells, space.cells + space.scratch_from(), c);
  }

  /// After backward: hands the gradient, summed over the batch, to the sink.
  template <index_t B, class A, class X, class Sink>
  static void gradient(const X* x, full_workspace<A, B>& space, Sink& sink, chance c = chance()) noexcept {
    layers::template gradient<B>(x, space.cells + layers::template carried<A>(B), static_cast<A*>(nullptr),
                                 space.cells + space.deltas_from(), space.cells, space.cells + space.scratch_from(), c,
                                 sink, index_t(0));
  }

  /// After backward: the squared length of that gradient.
  template <index_t B, class A, class X>
  static float gradient_norm2(const X* x, full_workspace<A, B>& space) noexcept {
    return layers::template gradient_norm2<B>(x, space.cells + layers::template carried<A>(B), static_cast<A*>(nullptr),
                                              space.cells + space.deltas_from());
  }
};

}  // namespace WEIR_ABI
}  // namespace weir
