// EXPECT: weir: Layer::on needs constexpr `in_place()`, `needs_output()`
// SPDX-License-Identifier: MIT
#include <weir/policy/layer.hpp>

struct bad {
  template <class In>
  struct on
#if !defined(WEIR_EXPECT_ERROR)
      : weir::layer_defaults
#endif
  {
    typedef In output;
    static constexpr weir::index_t parameters() noexcept { return 0; }
    static constexpr uint32_t fingerprint() noexcept { return 1; }
    template <class A>
    static void initialize(A*, weir::random_bits&) {}
    template <weir::index_t B, class A, class X>
    static void forward(const A*, const X* x, A* y, const weir::layer_memory<A>&) {
      for (weir::index_t i = 0; i < B * In::size(); ++i) y[i] = x[i];
    }
    template <weir::index_t B, class A, class X>
    static void backward(const A*, const X*, const A*, const weir::layer_memory<A>&, const A* dy, A* dx) {
      for (weir::index_t i = 0; i < B * In::size(); ++i) dx[i] = dy[i];
    }
    template <weir::index_t B, class A, class X, class Sink>
    static void gradient(const X*, const A*, const weir::layer_memory<A>&, const A*, Sink&, weir::index_t) {}
  };
};
template struct weir::detail::require_layer<bad, weir::shape<4>>;
