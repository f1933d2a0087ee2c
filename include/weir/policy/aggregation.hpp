// SPDX-License-Identifier: MIT
// The contract of an aggregation: how much a worker's update moves the coordinator's residual. All integers, so that
// the ledger of the way down is exact: gain() * sum applied = divisor(ranks) * sum broadcast + residual.
//
//   uint16_t gain(uint16_t age) const;       what an applied value is multiplied with; age: rounds since the worker's
//                                            weights were broadcast, 0 for a timely update
//   uint32_t divisor(uint16_t ranks) const;  what one unit of a broadcast value is worth in the residual
//
// The mean has gain 1 and divisor ranks: the constant number of ranks, not of those that showed up.
// That each (rank, sequence) counts once is the coordinator's promise, before an aggregation is asked.
#pragma once

#include <weir/core/meta.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

template <class A, class = void>
struct aggregation_has_gain : false_type {};
template <class A>
struct aggregation_has_gain<A, void_t<decltype(static_cast<uint16_t>(declval<const A&>().gain(uint16_t())))>>
    : true_type {};

template <class A, class = void>
struct aggregation_has_divisor : false_type {};
template <class A>
struct aggregation_has_divisor<A, void_t<decltype(static_cast<uint32_t>(declval<const A&>().divisor(uint16_t())))>>
    : true_type {};

template <class A>
struct require_aggregation {
  static_assert(aggregation_has_gain<A>::value,
                "weir: Aggregation needs `uint16_t gain(uint16_t age) const`; see weir/policy/aggregation.hpp");
  static_assert(aggregation_has_divisor<A>::value,
                "weir: Aggregation needs `uint32_t divisor(uint16_t ranks) const`; see weir/policy/aggregation.hpp");
};

}  // namespace detail

/// True when A meets every requirement of the aggregation policy.
template <class A>
struct is_aggregation
    : bool_constant<detail::aggregation_has_gain<A>::value && detail::aggregation_has_divisor<A>::value> {};

#if WEIR_HAS_CONCEPTS
template <class A>
concept aggregation = is_aggregation<A>::value;
#endif

}  // namespace WEIR_ABI
}  // namespace weir
