// SPDX-License-Identifier: MIT
// Layers one after the other, and where in a workspace their numbers stand: all of it is known to the compiler.
#pragma once

#include <weir/policy/layer.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

constexpr index_t larger(index_t a, index_t b) noexcept { return a < b ? b : a; }

/// Where a delta stands: so many numbers from the workspace's begin, or (`high`) from its end.
struct spot {
  index_t at;
  bool high;
};

/// No chance: of models all of whose layers are the same in training and out of it.
struct no_chance {};
constexpr uint32_t layer_chance(no_chance, index_t) noexcept { return 0; }
constexpr uint32_t layer_chance(uint32_t chance, index_t depth) noexcept {
  return chance == 0 ? 0 : mix(chance, depth) | 1;
}

/// Scratch above the activations that there are so far. The other way is a pointer to it.
struct above {};
template <class A>
A* scratch_at(above, A* top) noexcept {
  return top;
}
template <class A>
A* scratch_at(A* given, A*) noexcept {
  return given;
}

/// The layers from one on, applied to `In`. A layer's output gets a block of its own, unless the layer works in place and
/// nothing else needs what it overwrites (Reuse). Wanted: somebody in front of them has weights, and wants the delta of
/// `In`.
///
/// There are two plans for deltas. `learn` makes each layer's gradient as soon as its delta is there: then two deltas at a
/// time are enough, at the two ends of what the activations have left, and activations make room as it goes back. `backward`
/// and then `gradient` keep them all, for who must see all of them (clipping) before a weight's gradient is taken.
template <class In, bool Reuse, bool Wanted, class... Layers>
struct chain;

template <class In, bool Reuse, bool Wanted>
struct chain<In, Reuse, Wanted> {
  typedef In output;
  static constexpr bool knows_training() noexcept { return false; }
  static constexpr index_t parameters() noexcept { return 0; }
  template <class A>
  static constexpr index_t activations(index_t) noexcept {
    return 0;
  }
  template <class A>
  static constexpr index_t deltas(index_t) noexcept {
    return 0;
  }
  template <class A>
  static constexpr index_t scratch(index_t) noexcept {
    return 0;
  }
  template <class A>
  static constexpr index_t carried(index_t) noexcept {
    return 0;
  }
  static constexpr uint32_t fingerprint(uint32_t so_far) noexcept { return so_far; }
  template <class A>
  static constexpr index_t forward_size(index_t, index_t start) noexcept {
    return start;
  }
  template <class A>
  static constexpr spot dx(index_t, index_t start) noexcept {
    return spot{start, false};
  }
  template <class A>
  static constexpr index_t size(index_t batch, index_t start) noexcept {
    return static_cast<index_t>(start + batch * In::size());
  }

  template <class A>
  static void initialize(A*, random_bits&) noexcept {}
  template <class Visitor>
  static void describe(Visitor&, index_t) {}
  template <index_t B, class A, class Scratch, class Chance>
  static A* forward(const A*, A* y, A*, A*, Scratch, Chance) noexcept {
    return y;
  }
  template <index_t B, index_t Start, index_t Total, class A, class Chance, class Sink>
  static void learn(const A*, A*, A*, A*, Chance, Sink&, index_t) noexcept {}
  template <index_t B, class A, class Chance>
  static void backward(const A*, A*, A*, A*, A*, A*, A*, Chance) noexcept {}
  template <index_t B, class A>
  static A* delta(A* dx, A*) noexcept {
    return dx;
  }
  template <index_t B, class A, class Chance, class Sink>
  static void gradient(A*, A*, A*, A*, A*, A*, Chance, Sink&, index_t) noexcept {}
  template <index_t B, class A>
  static float gradient_norm2(A*, A*, A*, A*) noexcept {
    return 0;
  }
};

template <class In, bool Reuse, bool Wanted, class L, class... Rest>
struct chain<In, Reuse, Wanted, L, Rest...> : require_layer<L, In> {
  typedef typename L::template on<In> layer;
  static_assert(!layer::in_place() || layer::parameters() == 0,
                "weir: a layer that works in place has no weights; see weir/policy/layer.hpp");
  static_assert(
      !Wanted || !layer::comes_first(),
      "weir: frozen layers and embeddings have no gradient for what is in front of them: put them before the first "
      "layer with weights");
  typedef bool_constant<!(Reuse && layer::in_place())> stored;
  /// Its weights, or weights in front of it, get a gradient.
  static constexpr bool trains() noexcept { return Wanted || layer::parameters() > 0; }
  typedef chain<typename layer::output, !layer::needs_output(), trains(), Rest...> rest;
  typedef typename rest::output output;

  static_assert(static_cast<uint64_t>(layer::parameters()) + rest::parameters() <= static_cast<index_t>(-1),
                "weir: this model has more weights than index_t can count on this machine");
  static constexpr bool knows_training() noexcept { return layer::knows_training() || rest::knows_training(); }
  static constexpr index_t parameters() noexcept {
    return static_cast<index_t>(layer::parameters() + rest::parameters());
  }
  static constexpr uint32_t fingerprint(uint32_t so_far) noexcept {
    return rest::fingerprint(mix(so_far, layer::fingerprint()));
  }

  // ---- how much memory, in numbers for a batch -----------------------------------------------------------------------
  /// Outputs and what is kept with them, of all layers.
  template <class A>
  static constexpr index_t activations(index_t batch) noexcept {
    return static_cast<index_t>(own(batch) + layer::template kept<A>(batch) + rest::template activations<A>(batch));
  }
  /// All deltas, and what is handed over with them.
  template <class A>
  static constexpr index_t deltas(index_t batch) noexcept {
    return static_cast<index_t>(own(batch) + layer::template handed<A>(batch) + rest::template deltas<A>(batch));
  }
  template <class A>
  static constexpr index_t scratch(index_t batch) noexcept {
    return larger(layer::template scratch<A>(batch), rest::template scratch<A>(batch));
  }
  template <class A>
  static constexpr index_t carried(index_t batch) noexcept {
    return static_cast<index_t>(layer::template carried<A>(batch) + rest::template carried<A>(batch));
  }
  /// Where forward, from `start` on, comes to an end.
  template <class A>
  static constexpr index_t forward_size(index_t batch, index_t start) noexcept {
    return larger(static_cast<index_t>(top<A>(batch, start) + layer::template scratch<A>(batch)),
                  rest::template forward_size<A>(batch, top<A>(batch, start)));
  }
  /// Where `learn`, from `start` on, leaves the delta of `In`.
  template <class A>
  static constexpr spot dx(index_t batch, index_t start) noexcept {
    return dx_beside<A>(rest::template dx<A>(batch, top<A>(batch, start)), batch, start);
  }
  /// All that forward and `learn` need, from `start` on.
  template <class A>
  static constexpr index_t size(index_t batch, index_t start) noexcept {
    return larger(larger(forward_size<A>(batch, start), rest::template size<A>(batch, top<A>(batch, start))),
                  backward_size<A>(rest::template dx<A>(batch, top<A>(batch, start)), batch, start));
  }

  template <class A>
  static void initialize(A* w, random_bits& random) noexcept {
    layer::initialize(w, random);
    rest::initialize(w + layer::parameters(), random);
  }

  /// Takes a visitor through the layers, which name their arrays of weights: the first one as layer `index`, the next one
  /// as index + 1.
  template <class Visitor>
  static void describe(Visitor& v, index_t index) {
    v.layer(index);
    layer_description<layer>::visit(v);
    v.end_layer();
    rest::describe(v, static_cast<index_t>(index + 1));
  }

  /// `free` is the workspace that is left; returns the outputs.
  template <index_t B, class A, class X, class Scratch, class Chance>
  static A* forward(const A* w, X* x, A* free, A* carry, Scratch scratch_, Chance chance) noexcept {
    A* const y = block(x, free, stored());
    A* const kept = free + own(B);
    A* const end = kept + layer::template kept<A>(B);
    const layer_memory<A> m = {kept, nullptr, scratch_at(scratch_, end), carry, layer_chance(chance, depth())};
    layer::template forward<B>(w, static_cast<const X*>(x), y, m);
    return rest::template forward<B>(w + layer::parameters(), y, end, carry + layer::template carried<A>(B), scratch_,
                                     chance);
  }

  /// The delta of the outputs stands where the last layer's dx() says; makes all gradients, from the last layer to the
  /// first. `base` is a workspace of Total numbers, in which this chain's begin at Start.
  template <index_t B, index_t Start, index_t Total, class A, class X, class Chance, class Sink>
  static void learn(const A* w, X* x, A* base, A* carry, Chance chance, Sink& sink, index_t offset) noexcept {
    constexpr index_t Top = top<A>(B, Start);
    A* const y = block(x, base + Start, stored());
    rest::template learn<B, Top, Total>(w + layer::parameters(), y, base, carry + layer::template carried<A>(B), chance,
                                        sink, static_cast<index_t>(offset + layer::parameters()));
    if (!trains()) return;
    constexpr spot Dy = rest::template dx<A>(B, Top), Dx = dx<A>(B, Start);
    constexpr index_t Free = Dy.high ? Top + (layer::in_place() ? 0 : wanted(B)) : Dy.at + B * layer::output::size();
    A* const dy = base + (Dy.high ? Total - Dy.at : Dy.at);
    A* const into = base + (Dx.high ? Total - Dx.at : Dx.at);
    A* const handed = base + Free;
    const layer_memory<A> m = {base + Start + own(B), handed, handed + layer::template handed<A>(B), carry,
                               layer_chance(chance, depth())};
    back<B>(w, static_cast<const X*>(x), y, m, dy, into, called<A, B>());
    layer::template gradient<B>(static_cast<const X*>(x), static_cast<const A*>(y), m, static_cast<const A*>(dy), sink,
                                offset);
  }

  /// The place of the outputs' delta among all of them.
  template <index_t B, class A>
  static A* delta(A* into, A* dfree) noexcept {
    return rest::template delta<B>(block(into, dfree, stored()), dfree + own(B) + layer::template handed<A>(B));
  }

  /// The delta of the outputs is in its place; fills all others, from the last to the first.
  template <index_t B, class A, class X, class Chance>
  static void backward(const A* w, X* x, A* free, A* into, A* dfree, A* carry, A* scratch_, Chance chance) noexcept {
    A* const y = block(x, free, stored());
    A* const dy = block(into, dfree, stored());
    A* const handed = dfree + own(B);
    rest::template backward<B>(w + layer::parameters(), y, free + own(B) + layer::template kept<A>(B), dy,
                               handed + layer::template handed<A>(B), carry + layer::template carried<A>(B), scratch_,
                               chance);
    const layer_memory<A> m = {free + own(B), handed, scratch_, carry, layer_chance(chance, depth())};
    back<B>(w, static_cast<const X*>(x), y, m, dy, into, called<A, B>());
  }

  template <index_t B, class A, class X, class Chance, class Sink>
  static void gradient(X* x, A* free, A* into, A* dfree, A* carry, A* scratch_, Chance chance, Sink& sink,
                       index_t offset) noexcept {
    A* const y = block(x, free, stored());
    A* const dy = block(into, dfree, stored());
    A* const handed = dfree + own(B);
    const layer_memory<A> m = {free + own(B), handed, scratch_, carry, layer_chance(chance, depth())};
    if (trains())
      layer::template gradient<B>(static_cast<const X*>(x), static_cast<const A*>(y), m, static_cast<const A*>(dy),
                                  sink, offset);
    rest::template gradient<B>(y, free + own(B) + layer::template kept<A>(B), dy, handed + layer::template handed<A>(B),
                               carry + layer::template carried<A>(B), scratch_, chance, sink,
                               static_cast<index_t>(offset + layer::parameters()));
  }

  template <index_t B, class A, class X>
  static float gradient_norm2(X* x, A* free, A* into, A* dfree) noexcept {
    static_assert(layer::parameters() == 0 || layer_has_norm<layer>::value,
                  "weir: clipping needs `gradient_norm2` of every layer with weights, which this one has not: "
                  "use clipped_in_buffer; see weir/policy/layer.hpp");
    A* const y = block(x, free, stored());
    A* const dy = block(into, dfree, stored());
    const layer_memory<A> m = {free + own(B), dfree + own(B), nullptr, nullptr, 0};
    return norm2<B>(static_cast<const X*>(x), m, static_cast<const A*>(dy),
                    bool_constant<(layer::parameters() > 0)>()) +
           rest::template gradient_norm2<B>(y, free + own(B) + layer::template kept<A>(B), dy,
                                            dfree + own(B) + layer::template handed<A>(B));
  }

 private:
  static constexpr index_t depth() noexcept { return sizeof...(Rest); }
  static constexpr index_t own(index_t batch) noexcept {
    return static_cast<index_t>(stored::value ? batch * layer::output::size() : 0);
  }
  static constexpr index_t wanted(index_t batch) noexcept {
    return static_cast<index_t>(Wanted ? batch * In::size() : 0);
  }
  /// Where this layer's numbers end, and the next one's begin.
  template <class A>
  static constexpr index_t top(index_t batch, index_t start) noexcept {
    return static_cast<index_t>(start + own(batch) + layer::template kept<A>(batch));
  }
  template <class A>
  static constexpr spot dx_beside(spot dy, index_t batch, index_t start) noexcept {
    return layer::in_place() || !Wanted ? dy : dy.high ? spot{top<A>(batch, start), false} : spot{wanted(batch), true};
  }
  template <class A>
  static constexpr index_t backward_size(spot dy, index_t batch, index_t start) noexcept {
    return static_cast<index_t>(trains()
                                    ? (dy.high ? top<A>(batch, start) + dy.at : dy.at + batch * layer::output::size()) +
                                          layer::template handed<A>(batch) + layer::template scratch<A>(batch) +
                                          (layer::in_place() ? 0 : wanted(batch))
                                    : 0);
  }

  /// How backward is called: with somewhere to put dx, without, or not at all.
  struct with_dx {};
  struct without_dx {};
  struct not_called {};
  template <class A, index_t B>
  struct called
      : conditional<Wanted, with_dx,
                    typename conditional<(trains() && layer::template kept<A>(B) + layer::template handed<A>(B) > 0),
                                         without_dx, not_called>::type>::type {};
  template <index_t B, class A, class X>
  static void back(const A* w, const X* x, const A* y, const layer_memory<A>& m, const A* dy, A* into,
                   with_dx) noexcept {
    layer::template backward<B>(w, x, y, m, dy, into);
  }
  template <index_t B, class A, class X>
  static void back(const A* w, const X* x, const A* y, const layer_memory<A>& m, const A* dy, A*, without_dx) noexcept {
    layer::template backward<B>(w, x, y, m, dy, static_cast<A*>(nullptr));
  }
  template <index_t B, class A, class X>
  static void back(const A*, const X*, const A*, const layer_memory<A>&, const A*, A*, not_called) noexcept {}

  template <index_t B, class A, class X>
  static float norm2(const X* x, const layer_memory<A>& m, const A* dy, true_type) noexcept {
    return layer::template gradient_norm2<B>(x, m, dy);
  }
  template <index_t B, class A, class X>
  static float norm2(const X*, const layer_memory<A>&, const A*, false_type) noexcept {
    return 0;
  }

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
}  // namespace WEIR_ABI
}  // namespace weir
