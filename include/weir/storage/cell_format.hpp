// SPDX-License-Identifier: MIT
#pragma once

#include <weir/core/fixed.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// Tells formats of saved numbers apart, whose unit no fingerprint knows.
template <class Number>
struct cell_format {
  static constexpr uint32_t id() noexcept { return 0; }
};
template <class Number>
struct cell_format<const Number> : cell_format<Number> {};
template <class Rep, int8_t F>
struct cell_format<fixed<Rep, F>> {
  static constexpr uint32_t id() noexcept {
    return (static_cast<uint32_t>(sizeof(Rep)) << 8) + static_cast<uint8_t>(F);
  }
};

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
