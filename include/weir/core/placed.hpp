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
  T& get() noexcept {
    void* const room = room_;  // by way of void*: what is there was put there as a T
    return *static_cast<T*>(room);
  }
  const T& get() const noexcept {
    const void* const room = room_;
    return *static_cast<const T*>(room);
  }

 private:
  alignas(T) unsigned char room_[sizeof(T)];
};

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
