// SPDX-License-Identifier: MIT
// The contract of a round's shape at the worker: what weights the batches of one round see.
//
//   uint16_t steps;                                    K, batches to a round, >= 1; the coordinator's welcome may set it
//   static constexpr bool moves();                     true: batches move local weights, kept in `state`
//   template <class Number, index_t N> struct state;   with a member `typename number<Number>::weight local_weights[N]`
//                                                      if moves()
#pragma once

#include <weir/core/number.hpp>

namespace weir {
inline namespace WEIR_ABI {

namespace detail {

template <class L, class = void>
struct local_has_state : false_type {};
template <class L>
struct local_has_state<L, void_t<typename L::template state<float, 4>, bool_constant<L::moves()>,
                                 decltype(declval<L&>().steps = uint16_t(1))>> : true_type {};

template <class L>
struct require_local {
  static_assert(local_has_state<L>::value,
                "weir: Local needs a member `uint16_t steps`, constexpr `moves()` and "
                "`template <class Number, index_t N> struct state`; see weir/policy/local.hpp");
};

}  // namespace detail

/// True when L meets every requirement of the local policy.
template <class L>
struct is_local : detail::local_has_state<L> {};

#if WEIR_HAS_CONCEPTS
template <class L>
concept local = is_local<L>::value;
#endif

}  // namespace WEIR_ABI
}  // namespace weir
