// SPDX-License-Identifier: MIT
// The contract of a transport: whole datagrams, in the caller's buffers, never blocking.
//
//   size_t mtu() const;                  the largest datagram it carries
//   status send(const_bytes datagram);   ok: accepted; busy: not now; too_big. The bytes must stay as they are until
//                                        the next call of send returns ok: a byte stream reads them as its line allows
//   size_t receive(bytes into);          the size of a datagram now in `into`, or 0: none yet. The same buffer must be
//                                        passed until a datagram is complete: a byte stream gathers it there
//
//   bool idle();                         only of a transport that so uses the caller's buffers, and a sign that it does:
//                                        the bytes of the last send are free
//   void tick(uint32_t now_ms);          only of one that keeps time: told at each poll; may wrap
//
// A transport may lose, repeat, reorder and damage datagrams; it may not join or split them.
#pragma once

#include <weir/core/span.hpp>
#include <weir/core/status.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

template <class T, class = void>
struct transport_has_mtu : false_type {};
template <class T>
struct transport_has_mtu<T, void_t<decltype(static_cast<size_t>(declval<const T&>().mtu()))>> : true_type {};

template <class T, class = void>
struct transport_has_send : false_type {};
template <class T>
struct transport_has_send<T, void_t<decltype(static_cast<status>(declval<T&>().send(declval<const_bytes>())))>>
    : true_type {};

template <class T, class = void>
struct transport_has_receive : false_type {};
template <class T>
struct transport_has_receive<T, void_t<decltype(static_cast<size_t>(declval<T&>().receive(declval<bytes>())))>>
    : true_type {};

template <class T, class = void>
struct transport_has_idle : false_type {};
template <class T>
struct transport_has_idle<T, void_t<decltype(static_cast<bool>(declval<T&>().idle()))>> : true_type {};

template <class T>
bool is_idle(T& transport, true_type) noexcept {
  return transport.idle();
}
template <class T>
bool is_idle(T&, false_type) noexcept {
  return true;
}
/// May what was last sent be overwritten?
template <class T>
bool is_idle(T& transport) noexcept {
  return is_idle(transport, bool_constant<transport_has_idle<T>::value>());
}

template <class T, class = void>
struct transport_has_tick : false_type {};
template <class T>
struct transport_has_tick<T, void_t<decltype(declval<T&>().tick(uint32_t()))>> : true_type {};

template <class T>
void tell_time(T& transport, uint32_t now_ms, true_type) noexcept {
  transport.tick(now_ms);
}
template <class T>
void tell_time(T&, uint32_t, false_type) noexcept {}
/// Tells the time to who wants to know.
template <class T>
void tell_time(T& transport, uint32_t now_ms) noexcept {
  tell_time(transport, now_ms, bool_constant<transport_has_tick<T>::value>());
}

template <class T>
struct require_transport {
  static_assert(transport_has_mtu<T>::value,
                "weir: Transport needs `size_t mtu() const`, the largest datagram it carries; "
                "see weir/policy/transport.hpp");
  static_assert(transport_has_send<T>::value,
                "weir: Transport needs `status send(const_bytes datagram)`, which says busy instead of blocking; "
                "see weir/policy/transport.hpp");
  static_assert(transport_has_receive<T>::value,
                "weir: Transport needs `size_t receive(bytes into)`, which returns 0 when nothing is there; "
                "see weir/policy/transport.hpp");
};

}  // namespace detail

/// True when T meets every requirement of the transport policy.
template <class T>
struct is_transport : bool_constant<detail::transport_has_mtu<T>::value && detail::transport_has_send<T>::value &&
                                    detail::transport_has_receive<T>::value> {};

#if WEIR_HAS_CONCEPTS
template <class T>
concept transport = is_transport<T>::value;
#endif

}  // namespace WEIR_ABI
}  // namespace weir
