// SPDX-License-Identifier: MIT
// The contract of a layer.
//
// A layer L is a description; `L::on<Input>` is the layer applied to an input of shape `Input`
// (weir/policy/shape.hpp). It has no storage: weights, activations and deltas are passed in.
// B samples lie one after the other. X is the element type of the input, A of activations and weights.
//
//   typedef ... output;                              shape of one sample's output
//   static constexpr index_t parameters();           weights, in one array
//   static constexpr uint32_t fingerprint();         what it is and its sizes, hashed
//   static constexpr bool in_place();                the output may overwrite the input, element by element
//   static constexpr bool needs_output();            backward reads y, so nothing may overwrite it
//   static void initialize(A* w, random_bits&);
//   template <index_t B> static void forward(const A* w, const X* x, A* y);
//   template <index_t B> static void backward(const A* w, const A* y, const A* dy, A* dx);
//                                                    dx = d loss / d input; dx may be dy when in_place()
//   template <index_t B> static void gradient(const X* x, const A* dy, Sink& sink, index_t offset);
//                                                    sum over the batch of d loss / d weight, row by row:
//                                                    sink.add(offset, scale, row, n) adds scale * row[i] to weight offset + i,
//                                                    sink.add(offset, row, n) adds row[i]
//   template <index_t B> static float gradient_norm2(const X* x, const A* dy);
//                                                    the squared length of that sum, without a buffer; only
//                                                    for layers with parameters, and only clipping asks for it
//
// Promise: the analytic gradient equals the numerical one.
#pragma once

#include <weir/core/random.hpp>
#include <weir/policy/shape.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

struct any_sink {
  template <class Scale, class Row>
  void add(index_t, Scale, const Row*, index_t) noexcept {}
  template <class Row>
  void add(index_t, const Row*, index_t) noexcept {}
};

template <class L, class In, class = void>
struct layer_on : false_type {};
template <class L, class In>
struct layer_on<L, In, void_t<typename L::template on<In>>> : true_type {};

template <class On, class = void>
struct layer_has_shape : false_type {};
template <class On>
struct layer_has_shape<
    On, void_t<typename On::output, bool_constant<(On::parameters() > 0)>, bool_constant<(On::fingerprint() > 0)>,
               bool_constant<On::in_place()>, bool_constant<On::needs_output()>>> : true_type {};

template <class On, class = void>
struct layer_has_forward : false_type {};
template <class On>
struct layer_has_forward<
    On, void_t<decltype(On::template forward<1>(declval<const float*>(), declval<const float*>(), declval<float*>()))>>
    : true_type {};

template <class On, class = void>
struct layer_has_backward : false_type {};
template <class On>
struct layer_has_backward<On, void_t<decltype(On::template backward<1>(declval<const float*>(), declval<const float*>(),
                                                                       declval<const float*>(), declval<float*>())),
                                     decltype(On::template gradient<1>(declval<const float*>(), declval<const float*>(),
                                                                       declval<any_sink&>(), index_t()))>> : true_type {
};

template <class On, class = void>
struct layer_has_norm : false_type {};
template <class On>
struct layer_has_norm<
    On, void_t<decltype(On::template gradient_norm2<1>(declval<const float*>(), declval<const float*>()))>>
    : true_type {};

template <class L, class In>
struct require_layer {
  static_assert(layer_on<L, In>::value,
                "weir: Layer needs a nested `template <class Input> struct on`, the layer applied to a shape; "
                "see weir/policy/layer.hpp");
  typedef typename L::template on<In> on;
  static_assert(
      layer_has_shape<on>::value,
      "weir: Layer::on needs `typedef output` and constexpr `parameters()`, `fingerprint()`, `in_place()` and "
      "`needs_output()`; see weir/policy/layer.hpp");
  static_assert(layer_has_forward<on>::value,
                "weir: Layer::on needs `template <index_t B> static void forward(w, x, y)`; see weir/policy/layer.hpp");
  static_assert(layer_has_backward<on>::value,
                "weir: Layer::on needs `template <index_t B> static void backward(w, y, dy, dx)` and "
                "`gradient(x, dy, sink, offset)`; see weir/policy/layer.hpp");
};

}  // namespace detail

/// True when L, applied to a sample of shape In, meets every requirement of the layer policy.
template <class L, class In, bool = detail::layer_on<L, In>::value>
struct is_layer : false_type {};
template <class L, class In>
struct is_layer<L, In, true> : bool_constant<detail::layer_has_shape<typename L::template on<In>>::value &&
                                             detail::layer_has_forward<typename L::template on<In>>::value &&
                                             detail::layer_has_backward<typename L::template on<In>>::value> {};

#if WEIR_HAS_CONCEPTS
template <class L, class In>
concept layer = is_layer<L, In>::value;  // a view; the trait stays the truth
#endif

}  // namespace WEIR_ABI
}  // namespace weir
