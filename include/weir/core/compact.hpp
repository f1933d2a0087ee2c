// SPDX-License-Identifier: MIT
#pragma once

#include <weir/config.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// Where an object keeps a T: a base, so that an empty one takes no room, and without its names.
template <class T, bool Empty = __is_empty(T)>
class compact {
 protected:
  T& get() noexcept { return value_; }

 private:
  T value_;
};
template <class T>
class compact<T, true> : private T {
 protected:
  T& get() noexcept { return *this; }
};

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
