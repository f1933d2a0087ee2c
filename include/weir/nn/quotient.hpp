// SPDX-License-Identifier: MIT
#pragma once

#include <stdint.h>

#include <weir/config.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// a / b to the nearest, halves away from zero; b > 0, and |a| + b / 2 below 2^31.
inline int32_t rounded_quotient(int32_t a, int32_t b) noexcept { return (a < 0 ? a - b / 2 : a + b / 2) / b; }

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
