// SPDX-License-Identifier: MIT
// Compile-time hashing of what two nodes must agree on.
#pragma once

#include <weir/core/random.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// Mixes one more fact into a fingerprint; the order counts.
constexpr uint32_t mix(uint32_t fingerprint, uint32_t fact) noexcept {
  return scramble((fingerprint << 5 | fingerprint >> 27) + fact + UINT32_C(0x9e3779b9));
}

/// A short name as a number, so that kinds of layers and encoders hash by what they are called.
constexpr uint32_t name_id(const char* name, uint32_t so_far = UINT32_C(2166136261)) noexcept {
  return *name == '\0' ? so_far : name_id(name + 1, (so_far ^ static_cast<uint8_t>(*name)) * UINT32_C(16777619));
}

}  // namespace WEIR_ABI
}  // namespace weir
