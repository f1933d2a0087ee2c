// SPDX-License-Identifier: MIT
#pragma once

#include <string.h>

#include <weir/config.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// Room for a plain value that comes later, so that an object around it needs no constructor and can live in .bss.
template <class T>
class placed {
 public:
#if !defined(__GNUC__) || __GNUC__ >= 5 || defined(__clang__)
  static_assert(__is_trivially_copyable(T),
                "weir: policies are plain values, copied by memcpy; let one that owns something hold a pointer to it");
#endif
  void set(const T& v) noexcept { memcpy(room_, &v, sizeof v); }
  T& get() noexcept { return *reinterpret_cast<T*>(room_); }
  const T& get() const noexcept { return *reinterpret_cast<const T*>(room_); }

 private:
  alignas(T) unsigned char room_[sizeof(T)];
};

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
