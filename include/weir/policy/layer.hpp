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
//   static void initialize(A* w, random_bits&);
//   template <index_t B> static void forward(const A* w, const X* x, A* y, const layer_memory<A>& m);
//   template <index_t B> static void backward(const A* w, const X* x, const A* y, const layer_memory<A>& m,
//                                             const A* dy, A* dx);
//                                                    dx = d loss / d input; dx may be dy when in_place(). It is null where
//                                                    nobody asks for it, and then only layers that keep or hand over
//                                                    something are called, for what their gradient needs
//   template <index_t B> static void gradient(const X* x, const A* y, const layer_memory<A>& m, const A* dy, Sink& sink,
//                                             index_t offset);
//                                                    after backward: sum over the batch of d loss / d weight, row by row:
//                                                    sink.add(offset, scale, row, n) adds scale * row[i] to weight offset + i,
//                                                    sink.add(offset, row, n) adds row[i]; see weir/nn/outer.hpp
//   template <index_t B> static float gradient_norm2(const X* x, const layer_memory<A>& m, const A* dy);
//                                                    optional: the squared length of that sum, without a buffer; only
//                                                    for layers with parameters, and only clipping asks for it
//   template <class Visitor> static void describe(Visitor& v);
//                                                    optional: names its arrays of weights in the order they lie,
//                                                    v.array("weight", shape<3, 4>()); without it they are one, "weights"
//
// The rest has defaults in `layer_defaults`, from which `on` may derive:
//
//   static constexpr bool in_place();                the output may overwrite the input, element by element; such a
//                                                    layer has no weights
//   static constexpr bool needs_output();            backward or gradient reads y, so nothing may overwrite it
//   static constexpr bool comes_first();             it has no dx, so no layer with weights may stand in front of it
//   static constexpr bool knows_training();          forward differs in training: m.chance is not 0 then, and another
//                                                    number at every step
//   template <class A> static constexpr index_t kept(index_t batch);
//                                                    numbers of A in m.kept, from forward to the gradient
//   ... handed<A>(batch);                            in m.handed, from backward to the gradient
//   ... scratch<A>(batch);                           in m.scratch, during one call
//   ... carried<A>(batch);                           in m.carried, from one batch to the next; zero at first
//
// Promise: the analytic gradient equals the numerical one.
#pragma once

#include <weir/core/random.hpp>
#include <weir/policy/shape.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// The memory of one call of a layer. `chance` is 0 where the model is only asked.
template <class A>
struct layer_memory {
  A* kept;
  A* handed;
  A* scratch;
  A* carried;
  uint32_t chance;
};

/// What a layer without such needs says of itself.
struct layer_defaults {
  static constexpr bool in_place() noexcept { return false; }
  static constexpr bool needs_output() noexcept { return false; }
  static constexpr bool comes_first() noexcept { return false; }
  static constexpr bool knows_training() noexcept { return false; }
  template <class A>
  static constexpr index_t kept(index_t) noexcept {
    return 0;
  }
  template <class A>
  static constexpr index_t handed(index_t) noexcept {
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
};

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
    On, void_t<typename On::output, bool_constant<(On::parameters() > 0)>, bool_constant<(On::fingerprint() > 0)>>>
    : true_type {};

template <class On, class = void>
struct layer_has_memory : false_type {};
template <class On>
struct layer_has_memory<
    On, void_t<bool_constant<On::in_place()>, bool_constant<On::needs_output()>, bool_constant<On::knows_training()>,
               bool_constant<(On::template kept<float>(1) + On::template handed<float>(1) +
                                  On::template scratch<float>(1) + On::template carried<float>(1) >
                              0)>>> : true_type {};

template <class On, class = void>
struct layer_has_forward : false_type {};
template <class On>
struct layer_has_forward<
    On, void_t<decltype(On::template forward<1>(declval<const float*>(), declval<const float*>(), declval<float*>(),
                                                declval<const layer_memory<float>&>()))>> : true_type {};

template <class On, class = void>
struct layer_has_backward : false_type {};
template <class On>
struct layer_has_backward<
    On, void_t<decltype(On::template backward<1>(declval<const float*>(), declval<const float*>(),
                                                 declval<const float*>(), declval<const layer_memory<float>&>(),
                                                 declval<const float*>(), declval<float*>())),
               decltype(On::template gradient<1>(declval<const float*>(), declval<const float*>(),
                                                 declval<const layer_memory<float>&>(), declval<const float*>(),
                                                 declval<any_sink&>(), index_t()))>> : true_type {};

template <class On, class = void>
struct layer_has_norm : false_type {};
template <class On>
struct layer_has_norm<On,
                      void_t<decltype(On::template gradient_norm2<1>(
                          declval<const float*>(), declval<const layer_memory<float>&>(), declval<const float*>()))>>
    : true_type {};

struct any_visitor {
  template <class Shape>
  void array(const char*, Shape) {}
  void layer(index_t) {}
  void end_layer() {}
};

template <class On, class = void>
struct layer_has_description : false_type {};
template <class On>
struct layer_has_description<On, void_t<decltype(On::describe(declval<any_visitor&>()))>> : true_type {};

/// What `describe` says, or would say of a layer that has none.
template <class On, bool Weights = (On::parameters() > 0), bool Described = layer_has_description<On>::value>
struct layer_description {
  template <class Visitor>
  static void visit(Visitor& v) {
    On::describe(v);
  }
};
template <class On>
struct layer_description<On, true, false> {
  template <class Visitor>
  static void visit(Visitor& v) {
    v.array("weights", shape<On::parameters()>());
  }
};
template <class On>
struct layer_description<On, false, false> {
  template <class Visitor>
  static void visit(Visitor&) {}
};

template <class L, class In>
struct require_layer {
  static_assert(layer_on<L, In>::value,
                "weir: Layer needs a nested `template <class Input> struct on`, the layer applied to a shape; "
                "see weir/policy/layer.hpp");
  typedef typename L::template on<In> on;
  static_assert(layer_has_shape<on>::value,
                "weir: Layer::on needs `typedef output` and constexpr `parameters()` and `fingerprint()`; "
                "see weir/policy/layer.hpp");
  static_assert(
      layer_has_memory<on>::value,
      "weir: Layer::on needs constexpr `in_place()`, `needs_output()`, `knows_training()`, and `kept`, `handed`, "
      "`scratch` and `carried` of a batch: derive it from weir::layer_defaults; see weir/policy/layer.hpp");
  static_assert(layer_has_forward<on>::value,
                "weir: Layer::on needs `template <index_t B> static void forward(w, x, y, memory)`; "
                "see weir/policy/layer.hpp");
  static_assert(layer_has_backward<on>::value,
                "weir: Layer::on needs `template <index_t B> static void backward(w, x, y, memory, dy, dx)` and "
                "`gradient(x, y, memory, dy, sink, offset)`; see weir/policy/layer.hpp");
};

}  // namespace detail

/// True when L, applied to a sample of shape In, meets every requirement of the layer policy.
template <class L, class In, bool = detail::layer_on<L, In>::value>
struct is_layer : false_type {};
template <class L, class In>
struct is_layer<L, In, true> : bool_constant<detail::layer_has_shape<typename L::template on<In>>::value &&
                                             detail::layer_has_memory<typename L::template on<In>>::value &&
                                             detail::layer_has_forward<typename L::template on<In>>::value &&
                                             detail::layer_has_backward<typename L::template on<In>>::value> {};

#if WEIR_HAS_CONCEPTS
template <class L, class In>
concept layer = is_layer<L, In>::value;  // a view; the trait stays the truth
#endif

}  // namespace WEIR_ABI
}  // namespace weir
