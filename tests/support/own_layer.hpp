// SPDX-License-Identifier: MIT
#pragma once

#include <weir/policy/layer.hpp>

namespace test_support {

/// A layer of somebody's own: y = w x + b, element by element. It says nothing of its weights.
struct own_layer {
  template <class In>
  struct on : weir::layer_defaults {
    typedef In output;
    static constexpr weir::index_t parameters() noexcept { return 2 * In::size(); }
    static constexpr uint32_t fingerprint() noexcept { return weir::name_id("own_layer"); }
    template <class A>
    static void initialize(A* w, weir::random_bits&) noexcept {
      for (weir::index_t i = 0; i < In::size(); ++i) w[i] = A(1.0f), w[In::size() + i] = A();
    }
    template <weir::index_t B, class A, class X>
    static void forward(const A* w, const X* x, A* y, const weir::layer_memory<A>&) noexcept {
      for (weir::index_t i = 0; i < B * In::size(); ++i)
        y[i] = w[i % In::size()] * x[i] + w[In::size() + i % In::size()];
    }
    template <weir::index_t B, class A, class X>
    static void backward(const A* w, const X*, const A*, const weir::layer_memory<A>&, const A* dy, A* dx) noexcept {
      for (weir::index_t i = 0; i < B * In::size(); ++i) dx[i] = w[i % In::size()] * dy[i];
    }
    template <weir::index_t B, class A, class X, class Sink>
    static void gradient(const X* x, const A*, const weir::layer_memory<A>&, const A* dy, Sink& sink,
                         weir::index_t offset) noexcept {
      for (weir::index_t b = 0; b < B; ++b, x += In::size(), dy += In::size()) {
        for (weir::index_t i = 0; i < In::size(); ++i)
          sink.add(static_cast<weir::index_t>(offset + i), dy[i], x + i, 1);
        sink.add(static_cast<weir::index_t>(offset + In::size()), dy, In::size());
      }
    }
  };
};

}  // namespace test_support
