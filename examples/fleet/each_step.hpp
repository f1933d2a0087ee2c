// SPDX-License-Identifier: MIT
// Models with an answer for each step of a sequence: a layer and a loss that are another one's, step by step.
#pragma once

#include <cstdint>

#include <weir/weir.hpp>

namespace fleet {

/// A layer for shape<F>, with the same weights at each of T steps: shape<T, F> to shape<T, its outputs>. Steps lie one after
/// the other, as samples do: it is the layer on T times as many of these.
template <class Layer>
struct each_step {
  template <class In>
  struct on;
  template <weir::index_t T, weir::index_t F>
  struct on<weir::shape<T, F>> : weir::layer_defaults {
    using layer = typename Layer::template on<weir::shape<F>>;
    using output = weir::shape<T, layer::output::size()>;
    static_assert(!layer::needs_output() && !layer::comes_first() && !layer::knows_training() &&
                      layer::template kept<float>(1) == 0 && layer::template handed<float>(1) == 0,
                  "each_step takes layers without memory");

    static constexpr weir::index_t parameters() noexcept { return layer::parameters(); }
    static constexpr std::uint32_t fingerprint() noexcept {
      return weir::mix(weir::mix(weir::name_id("each_step"), T), layer::fingerprint());
    }
    template <class A>
    static constexpr weir::index_t scratch(weir::index_t batch) noexcept {
      return layer::template scratch<A>(batch * T);
    }

    template <class A>
    static void initialize(A* w, weir::random_bits& random) noexcept {
      layer::initialize(w, random);
    }
    template <weir::index_t B, class A, class X>
    static void forward(const A* w, const X* x, A* y, const weir::layer_memory<A>& m) noexcept {
      layer::template forward<B * T>(w, x, y, m);
    }
    template <weir::index_t B, class A, class X>
    static void backward(const A* w, const X* x, const A* y, const weir::layer_memory<A>& m, const A* dy,
                         A* dx) noexcept {
      layer::template backward<B * T>(w, x, y, m, dy, dx);
    }
    template <weir::index_t B, class A, class X, class Sink>
    static void gradient(const X* x, const A* y, const weir::layer_memory<A>& m, const A* dy, Sink& sink,
                         weir::index_t offset) noexcept {
      layer::template gradient<B * T>(x, y, m, dy, sink, offset);
    }
  };
};

/// The mean of a loss over steps of `Outputs` outputs. The target is an array, with a target for each step.
template <class Loss, weir::index_t Outputs>
struct mean_over_steps {
  template <class A>
  using target = const typename Loss::template target<A>*;

  template <class A>
  static float value(const A* y, weir::index_t n, target<A> t) noexcept {
    float sum = 0;
    for (weir::index_t i = 0; i < n; i += Outputs) sum += Loss::value(y + i, Outputs, t[i / Outputs]);
    return sum * static_cast<float>(Outputs) / static_cast<float>(n);
  }
  static void gradient(const float* y, weir::index_t n, target<float> t, float* dy) noexcept {
    const float share = static_cast<float>(Outputs) / static_cast<float>(n);
    for (weir::index_t i = 0; i < n; i += Outputs) Loss::gradient(y + i, Outputs, t[i / Outputs], dy + i);
    for (weir::index_t i = 0; i < n; ++i) dy[i] *= share;
  }
  /// All of them are.
  template <class A>
  static bool hit(const A* y, weir::index_t n, target<A> t) noexcept {
    return hits(y, n, t) == n / Outputs;
  }
  template <class A>
  static weir::index_t hits(const A* y, weir::index_t n, target<A> t) noexcept {
    weir::index_t all = 0;
    for (weir::index_t i = 0; i < n; i += Outputs) all += Loss::hit(y + i, Outputs, t[i / Outputs]) ? 1 : 0;
    return all;
  }
};

}  // namespace fleet
