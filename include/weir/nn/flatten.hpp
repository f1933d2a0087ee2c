// SPDX-License-Identifier: MIT
#pragma once

#include <weir/nn/convert.hpp>
#include <weir/policy/layer.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// The same numbers in another shape. In place, it costs nothing; the samples themselves are copied.
template <class In, class Out>
struct reshaped : layer_defaults {
  typedef Out output;
  static constexpr index_t parameters() noexcept { return 0; }
  static constexpr uint32_t fingerprint() noexcept { return Out::fingerprint(name_id("reshape")); }
  static constexpr bool in_place() noexcept { return true; }

  template <class A>
  static void initialize(A*, random_bits&) noexcept {}
  template <index_t B, class A, class X>
  static void forward(const A*, const X* x, A* y, const layer_memory<A>&) noexcept {
    copy<B>(x, y);
  }
  template <index_t B, class A, class X>
  static void backward(const A*, const X*, const A*, const layer_memory<A>&, const A* dy, A* dx) noexcept {
    copy<B>(dy, dx);
  }
  template <index_t B, class A, class X, class Sink>
  static void gradient(const X*, const A*, const layer_memory<A>&, const A*, Sink&, index_t) noexcept {}

 private:
  template <index_t B, class A, class X>
  static void copy(const X* from, A* to) noexcept {
    if (static_cast<const void*>(from) == to) return;
    for (index_t i = 0; i < B * In::size(); ++i) to[i] = converted<A>(from[i]);
  }
};

}  // namespace detail

/// Any shape as a row of numbers, in front of a dense layer: shape<16, 5, 5> to shape<400>. Free, but as the first layer,
/// which copies the samples.
struct flatten {
  template <class In>
  struct on : detail::reshaped<In, shape<In::size()>> {};
};

/// Any shape as another one of as many numbers: reshape<1, 8, 8> of shape<64>. Free like flatten.
template <index_t... Extents>
struct reshape {
  template <class In>
  struct on : detail::reshaped<In, shape<Extents...>> {
    static_assert(shape<Extents...>::size() == In::size(),
                  "weir: reshape<...> needs as many numbers as the shape in front of it has");
  };
};

}  // namespace WEIR_ABI
}  // namespace weir
