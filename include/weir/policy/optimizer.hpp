// SPDX-License-Identifier: MIT
// The contract of an optimizer: from gradients to updates in the residual (DGC's momentum correction; the learning
// rate and the momentum act here, once, and nowhere else). One step of a worker is
//
//   o.begin(state, into, weights, step);             weight decay; what must happen before gradients arrive
//   rows = o.rows(state, into);                      where the rows of the gradient go: rows.add(offset, scale, row, n)
//   ... each row of the gradient, times the factor o.gain(step) * o.shrink(norm, ranks) / batch ...
//   o.gathered(state, into, step, ranks);            optional: the last row is there
//   o.fold(state, into, step, first, n);             ends the step for cells [first, first + n); called for ranges
//                                                    that together cover all weights, each cell once
//   o.forget(state, i);                              cell i was emitted: momentum factor masking
//   fold_factors factors(step);                      optional: all that fold does is residual += rate * state.u; state.u *= keep.
//                                                    Then the gate folds and scans in one pass
//   o.received(state, i, v);                         optional: a broadcast has moved weight i by -v
//
//   template <class Number, index_t N> struct state; all the RAM it needs, all-zero at first
//   static constexpr bool folds();                   false: fold does nothing and is not called
//   static constexpr bool needs_norm();              true: shrink is called with the mean gradient's norm
//
// `into` is the residual (and, with local steps, the local weights): into.add(offset, scale, row, n) adds
// scale * row to the residual and takes it from the local weights. into.keep(scale), of a scale in [0, 1], leaves so much
// of the residual. `scale` is number<Number>::scale.
#pragma once

#include <weir/core/number.hpp>

namespace weir {
inline namespace WEIR_ABI {
/// residual += rate * velocity; velocity *= keep.
struct fold_factors {
  float rate;
  float keep;
};

namespace detail {

struct any_into {
  template <class Scale, class Row>
  void add(index_t, Scale, const Row*, index_t) noexcept {}
  template <class Scale>
  void keep(Scale) noexcept {}
};

template <class O, class = void>
struct optimizer_has_state : false_type {};
template <class O>
struct optimizer_has_state<
    O, void_t<typename O::template state<float, 4>, bool_constant<O::folds()>, bool_constant<O::needs_norm()>>>
    : true_type {};

template <class O, class = void>
struct optimizer_has_fold : false_type {};
template <class O>
struct optimizer_has_fold<
    O, void_t<decltype(declval<const O&>().begin(declval<typename O::template state<float, 4>&>(), declval<any_into&>(),
                                                 declval<const float*>(), uint32_t())),
              decltype(declval<const O&>().fold(declval<typename O::template state<float, 4>&>(), declval<any_into&>(),
                                                uint32_t(), index_t(), index_t()))>> : true_type {};

template <class O, class = void>
struct optimizer_has_rows : false_type {};
template <class O>
struct optimizer_has_rows<
    O, void_t<decltype(declval<const O&>()
                           .rows(declval<typename O::template state<float, 4>&>(), declval<any_into&>())
                           .add(index_t(), 1.0f, declval<const float*>(), index_t())),
              decltype(declval<const O&>().gain(uint32_t()) * declval<const O&>().shrink(1.0f, uint16_t()))>>
    : true_type {};

template <class O, class = void>
struct optimizer_has_forget : false_type {};
template <class O>
struct optimizer_has_forget<
    O, void_t<decltype(declval<const O&>().forget(declval<typename O::template state<float, 4>&>(), index_t()))>>
    : true_type {};

template <class O, class = void>
struct optimizer_has_factors : false_type {};
template <class O>
struct optimizer_has_factors<O, void_t<decltype(static_cast<fold_factors>(declval<const O&>().factors(uint32_t())))>>
    : true_type {};

template <class O, class State, class Into, class = void>
struct optimizer_has_gathered : false_type {};
template <class O, class State, class Into>
struct optimizer_has_gathered<
    O, State, Into,
    void_t<decltype(declval<const O&>().gathered(declval<State&>(), declval<Into&>(), uint32_t(), uint16_t()))>>
    : true_type {};

template <class O, class State, class Value, class = void>
struct optimizer_has_received : false_type {};
template <class O, class State, class Value>
struct optimizer_has_received<
    O, State, Value, void_t<decltype(declval<const O&>().received(declval<State&>(), index_t(), declval<Value>()))>>
    : true_type {};

template <class O>
struct require_optimizer {
  static_assert(optimizer_has_state<O>::value,
                "weir: Optimizer needs `template <class Number, index_t N> struct state`, its memory, and constexpr "
                "`folds()` and `needs_norm()`; see weir/policy/optimizer.hpp");
  static_assert(optimizer_has_fold<O>::value,
                "weir: Optimizer needs `begin(state, into, weights, step)` and `fold(state, into, step, first, n)`; "
                "see weir/policy/optimizer.hpp");
  static_assert(optimizer_has_rows<O>::value,
                "weir: Optimizer needs `rows(state, into)`, `float gain(step)` and `float shrink(norm, ranks)`; "
                "see weir/policy/optimizer.hpp");
  static_assert(optimizer_has_forget<O>::value,
                "weir: Optimizer needs `forget(state, i)`, called for each emitted coordinate; "
                "see weir/policy/optimizer.hpp");
};

}  // namespace detail

/// True when O meets every requirement of the optimizer policy.
template <class O>
struct is_optimizer : bool_constant<detail::optimizer_has_state<O>::value && detail::optimizer_has_fold<O>::value &&
                                    detail::optimizer_has_rows<O>::value && detail::optimizer_has_forget<O>::value> {};

#if WEIR_HAS_CONCEPTS
template <class O>
concept optimizer = is_optimizer<O>::value;
#endif

}  // namespace WEIR_ABI
}  // namespace weir
