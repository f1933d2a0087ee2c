// SPDX-License-Identifier: MIT
#pragma once

#include <weir/nn/inner_layers.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// He et al., CVPR 2016: y = x + F(x), where F are layers, one after the other, which give what they take: the same shape.
///
///   weir::skip<weir::dense<16>, weir::relu, weir::dense<16>>
///
/// Memory for a batch: the outputs of all layers inside and, while gradients go back, a delta for each of them.
template <class... Layers>
struct skip {
  template <class In>
  struct on : layer_defaults {
    typedef detail::inner_layers<In, Layers...> inner;
    typedef typename inner::layers layers;
    static_assert(is_same<typename layers::output, In>::value,
                  "weir: skip adds its input to what its layers make of it, so both need the same shape: give its last "
                  "layer the size of its input, or use skip_with<a layer that brings the input to their shape, ...>");
    typedef In output;

    static constexpr index_t parameters() noexcept { return layers::parameters(); }
    static constexpr uint32_t fingerprint() noexcept { return layers::fingerprint(name_id("skip")); }
    static constexpr bool knows_training() noexcept { return layers::knows_training(); }
    template <class A>
    static constexpr index_t kept(index_t batch) noexcept {
      return layers::template activations<A>(batch);
    }
    template <class A>
    static constexpr index_t handed(index_t batch) noexcept {
      return layers::template deltas<A>(batch);
    }
    template <class A>
    static constexpr index_t scratch(index_t batch) noexcept {
      return layers::template scratch<A>(batch);
    }
    template <class A>
    static constexpr index_t carried(index_t batch) noexcept {
      return layers::template carried<A>(batch);
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
      const A* const f = inner::template forward<B>(w, x, m.kept, m.carried, m.scratch, m.chance);
      for (index_t i = 0; i < B * In::size(); ++i) y[i] = static_cast<A>(x[i]) + f[i];
    }
    template <index_t B, class A, class X>
    static void backward(const A* w, const X* x, const A*, const layer_memory<A>& m, const A* dy, A* dx) noexcept {
      inner::template backward<B>(w, x, m.kept, m.handed, m, dy, dx);
      if (dx == nullptr) return;
      for (index_t i = 0; i < B * In::size(); ++i) dx[i] = dx[i] + dy[i];
    }
    template <index_t B, class A, class X, class Sink>
    static void gradient(const X* x, const A*, const layer_memory<A>& m, const A*, Sink& sink,
                         index_t offset) noexcept {
      inner::template gradient<B>(x, m.kept, m.handed, m, sink, offset);
    }
    template <index_t B, class A, class X>
    static float gradient_norm2(const X* x, const layer_memory<A>& m, const A*) noexcept {
      return inner::template gradient_norm2<B>(x, m.kept, m.handed);
    }
  };
};

/// The same where the layers change the shape: y = P(x) + F(x), with a layer P on the short way that makes the shape of F's
/// outputs. Weights: P's, then F's.
template <class Projection, class... Layers>
struct skip_with {
  template <class In>
  struct on : layer_defaults {
    typedef detail::inner_layers<In, Projection> straight;
    typedef detail::inner_layers<In, Layers...> around;
    typedef typename straight::layers p;
    typedef typename around::layers f;
    static_assert(is_same<typename p::output, typename f::output>::value,
                  "weir: skip_with adds what its first layer makes of its input to what the others make of it, so both "
                  "need the same shape");
    typedef typename p::output output;

    static_assert(static_cast<uint64_t>(p::parameters()) + f::parameters() <= static_cast<index_t>(-1),
                  "weir: this model has more weights than index_t can count on this machine");
    static constexpr index_t parameters() noexcept { return static_cast<index_t>(p::parameters() + f::parameters()); }
    static constexpr uint32_t fingerprint() noexcept {
      return f::fingerprint(mix(p::fingerprint(name_id("skip_with")), name_id("around")));
    }
    static constexpr bool knows_training() noexcept { return p::knows_training() || f::knows_training(); }
    template <class A>
    static constexpr index_t kept(index_t batch) noexcept {
      return static_cast<index_t>(p::template activations<A>(batch) + f::template activations<A>(batch));
    }
    template <class A>
    static constexpr index_t handed(index_t batch) noexcept {
      return static_cast<index_t>(p::template deltas<A>(batch) + f::template deltas<A>(batch));
    }
    /// With room for the other dx.
    template <class A>
    static constexpr index_t scratch(index_t batch) noexcept {
      return static_cast<index_t>(batch * In::size() +
                                  detail::larger(p::template scratch<A>(batch), f::template scratch<A>(batch)));
    }
    template <class A>
    static constexpr index_t carried(index_t batch) noexcept {
      return static_cast<index_t>(p::template carried<A>(batch) + f::template carried<A>(batch));
    }

    template <class A>
    static void initialize(A* w, random_bits& random) noexcept {
      p::initialize(w, random);
      f::initialize(w + p::parameters(), random);
    }
    /// P is layer 0 inside, F's are 1 and so on.
    template <class Visitor>
    static void describe(Visitor& v) {
      p::describe(v, 0);
      f::describe(v, 1);
    }

    template <index_t B, class A, class X>
    static void forward(const A* w, const X* x, A* y, const layer_memory<A>& m) noexcept {
      const layer_memory<A> of = of_f<B>(m);
      const A* const a = straight::template forward<B>(w, x, m.kept, m.carried, of.scratch, m.chance);
      const A* const b =
          around::template forward<B>(w + p::parameters(), x, of.kept, of.carried, of.scratch, of.chance);
      for (index_t i = 0; i < B * output::size(); ++i) y[i] = a[i] + b[i];
    }
    template <index_t B, class A, class X>
    static void backward(const A* w, const X* x, const A*, const layer_memory<A>& m, const A* dy, A* dx) noexcept {
      const layer_memory<A> of = of_f<B>(m), of_p = {m.kept, m.handed, of.scratch, m.carried, m.chance};
      A* const other = dx == nullptr ? dx : m.scratch;
      around::template backward<B>(w + p::parameters(), x, of.kept, of.handed, of, dy, dx);
      straight::template backward<B>(w, x, m.kept, m.handed, of_p, dy, other);
      if (dx == nullptr) return;
      for (index_t i = 0; i < B * In::size(); ++i) dx[i] = dx[i] + other[i];
    }
    template <index_t B, class A, class X, class Sink>
    static void gradient(const X* x, const A*, const layer_memory<A>& m, const A*, Sink& sink,
                         index_t offset) noexcept {
      const layer_memory<A> of = of_f<B>(m);
      straight::template gradient<B>(x, m.kept, m.handed, m, sink, offset);
      around::template gradient<B>(x, of.kept, of.handed, of, sink, static_cast<index_t>(offset + p::parameters()));
    }
    template <index_t B, class A, class X>
    static float gradient_norm2(const X* x, const layer_memory<A>& m, const A*) noexcept {
      const layer_memory<A> of = of_f<B>(m);
      return straight::template gradient_norm2<B>(x, m.kept, m.handed) +
             around::template gradient_norm2<B>(x, of.kept, of.handed);
    }

   private:
    /// F's part of the memory; its chances are others than P's.
    template <index_t B, class A>
    static layer_memory<A> of_f(const layer_memory<A>& m) noexcept {
      const layer_memory<A> of = {m.kept + p::template activations<A>(B), beyond(m.handed, p::template deltas<A>(B)),
                                  beyond(m.scratch, B * In::size()), beyond(m.carried, p::template carried<A>(B)),
                                  detail::layer_chance(m.chance, 1)};
      return of;
    }
    template <class A>
    static A* beyond(A* memory, index_t n) noexcept {
      return memory == nullptr ? memory : memory + n;  // some calls come without
    }
  };
};

}  // namespace WEIR_ABI
}  // namespace weir
