// SPDX-License-Identifier: MIT
#pragma once

#include <weir/config.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// Is counter a later than b, when counters wrap (RFC 1982)? Right while the two are less than 32,768 apart.
constexpr bool later(uint16_t a, uint16_t b) noexcept { return a != b && static_cast<uint16_t>(a - b) < 0x8000; }

}  // namespace WEIR_ABI
}  // namespace weir
