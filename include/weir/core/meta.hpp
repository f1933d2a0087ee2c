// SPDX-License-Identifier: MIT
// The few type traits that weir needs; Arduino cores ship no <type_traits>.
#pragma once

#include <weir/config.hpp>

namespace weir {
inline namespace WEIR_ABI {

template <bool B>
struct bool_constant {
  static constexpr bool value = B;
};
typedef bool_constant<true> true_type;
typedef bool_constant<false> false_type;

template <class A, class B>
struct is_same : false_type {};
template <class A>
struct is_same<A, A> : true_type {};

template <class T>
struct remove_reference {
  typedef T type;
};
template <class T>
struct remove_reference<T&> {
  typedef T type;
};
template <class T>
struct remove_reference<T&&> {
  typedef T type;
};

template <bool B, class T = void>
struct enable_if {};
template <class T>
struct enable_if<true, T> {
  typedef T type;
};

template <bool B, class T, class F>
struct conditional {
  typedef T type;
};
template <class T, class F>
struct conditional<false, T, F> {
  typedef F type;
};

namespace detail {
template <class...>
struct make_void {
  typedef void type;
};
}  // namespace detail

/// void for any types that exist: the detection idiom's hook.
template <class... Ts>
using void_t = typename detail::make_void<Ts...>::type;

/// A value of type T in an unevaluated context.
template <class T>
T&& declval() noexcept;

}  // namespace WEIR_ABI
}  // namespace weir
