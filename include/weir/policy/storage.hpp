// SPDX-License-Identifier: MIT
// The contract of a storage: bytes that outlast a loss of power. An EEPROM, FRAM, flash behind a driver, a file.
//
//   size_t size() const;                             bytes it has; static constexpr if the type knows, then what does not fit
//                                                    does not compile
//   void read(size_t offset, bytes into);            what was written there; anything where nothing was
//   size_t write(size_t offset, const_bytes from);   takes as many as it can at once, the first ones first, and says how
//                                                    many; 0: not now, ask again. It does not wait
//   bool done();                                     all that was taken outlasts a loss of power from now on
//
// Offsets with sizes lie within size(). A loss of power leaves bytes that were taken, and not done, with any values,
// and all others as they were.
#pragma once

#include <weir/core/span.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

template <class S, class = void>
struct storage_has_size : false_type {};
template <class S>
struct storage_has_size<S, void_t<decltype(static_cast<size_t>(declval<const S&>().size()))>> : true_type {};

template <class S, class = void>
struct storage_has_read : false_type {};
template <class S>
struct storage_has_read<S, void_t<decltype(declval<S&>().read(size_t(), declval<bytes>()))>> : true_type {};

template <class S, class = void>
struct storage_has_write : false_type {};
template <class S>
struct storage_has_write<S,
                         void_t<decltype(static_cast<size_t>(declval<S&>().write(size_t(), declval<const_bytes>())))>>
    : true_type {};

template <class S, class = void>
struct storage_has_done : false_type {};
template <class S>
struct storage_has_done<S, void_t<decltype(static_cast<bool>(declval<S&>().done()))>> : true_type {};

template <class S>
struct require_storage {
  static_assert(storage_has_size<S>::value,
                "weir: Storage needs `size_t size() const`, the bytes it has; see weir/policy/storage.hpp");
  static_assert(storage_has_read<S>::value,
                "weir: Storage needs `void read(size_t offset, bytes into)`; see weir/policy/storage.hpp");
  static_assert(storage_has_write<S>::value,
                "weir: Storage needs `size_t write(size_t offset, const_bytes from)`, which takes what it can now and "
                "says how many; see weir/policy/storage.hpp");
  static_assert(storage_has_done<S>::value,
                "weir: Storage needs `bool done()`, true when what was taken outlasts a loss of power; "
                "see weir/policy/storage.hpp");
};

/// Bytes of a storage whose type knows them; else as many as can be.
template <class S, class = void>
struct known_size {
  static constexpr size_t value = static_cast<size_t>(-1);
};
template <class S>
struct known_size<S, void_t<bool_constant<(S::size() > 0)>>> {
  static constexpr size_t value = S::size();
};

}  // namespace detail

/// True when S meets every requirement of the storage policy.
template <class S>
struct is_storage : bool_constant<detail::storage_has_size<S>::value && detail::storage_has_read<S>::value &&
                                  detail::storage_has_write<S>::value && detail::storage_has_done<S>::value> {};

#if WEIR_HAS_CONCEPTS
template <class S>
concept storage = is_storage<S>::value;
#endif

}  // namespace WEIR_ABI
}  // namespace weir
