// SPDX-License-Identifier: MIT
// The contract of a loss: functions of one sample's n outputs y and its target. The mean over the batch is taken
// where gradients are added, once, so that fixed-point deltas keep their precision.
//
//   template <class A> using target = ...;                 a class, or a pointer to wanted outputs
//   static float value(const A* y, index_t n, target);      the loss, for people
//   static void gradient(const A* y, index_t n, target, A* dy);   dy = d loss / d y
//   static bool hit(const A* y, index_t n, target);         is the largest output the wanted one?
#pragma once

#include <weir/core/meta.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

template <class L, class = void>
struct loss_has_target : false_type {};
template <class L>
struct loss_has_target<L, void_t<typename L::template target<float>>> : true_type {};

template <class L, class = void>
struct loss_has_value : false_type {};
template <class L>
struct loss_has_value<
    L, void_t<decltype(L::value(declval<const float*>(), index_t(), declval<typename L::template target<float>>())),
              decltype(L::hit(declval<const float*>(), index_t(), declval<typename L::template target<float>>()))>>
    : true_type {};

template <class L, class = void>
struct loss_has_gradient : false_type {};
template <class L>
struct loss_has_gradient<
    L, void_t<decltype(L::gradient(declval<const float*>(), index_t(), declval<typename L::template target<float>>(),
                                   declval<float*>()))>> : true_type {};

template <class L>
struct require_loss {
  static_assert(loss_has_target<L>::value,
                "weir: Loss needs `template <class A> using target`, what a sample's outputs are compared with; "
                "see weir/policy/loss.hpp");
  static_assert(loss_has_value<L>::value,
                "weir: Loss needs `static float value(y, n, target)` and `static bool hit(y, n, target)`; "
                "see weir/policy/loss.hpp");
  static_assert(loss_has_gradient<L>::value,
                "weir: Loss needs `static void gradient(y, n, target, dy)`; see weir/policy/loss.hpp");
};

}  // namespace detail

/// True when L meets every requirement of the loss policy.
template <class L>
struct is_loss : bool_constant<detail::loss_has_target<L>::value && detail::loss_has_value<L>::value &&
                               detail::loss_has_gradient<L>::value> {};

#if WEIR_HAS_CONCEPTS
template <class L>
concept loss = is_loss<L>::value;
#endif

}  // namespace WEIR_ABI
}  // namespace weir
