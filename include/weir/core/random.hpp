// SPDX-License-Identifier: MIT
#pragma once

#include <weir/config.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// Scrambles 32 bits so that each bit of the result depends on all of v (Wellons, "lowbias32").
constexpr uint32_t scramble_shift(uint32_t v, uint8_t s) noexcept { return v ^ (v >> s); }
constexpr uint32_t scramble(uint32_t v) noexcept {
  return scramble_shift(scramble_shift(scramble_shift(v, 16) * UINT32_C(0x21f0aaad), 15) * UINT32_C(0x735a2d97), 15);
}

/// Seeded random bits: a Weyl sequence, scrambled. The same on every platform; 4 bytes of state; not for secrets.
class random_bits {
 public:
  constexpr explicit random_bits(uint32_t seed = 0) noexcept : state_(scramble(seed)) {}

  /// 32 uniform bits.
  uint32_t next() noexcept { return scramble(state_ += UINT32_C(0x9e3779b9)); }

  /// Uniform in [0, limit), limit >= 1, without bias (Lemire's multiply, rejecting the uneven rest).
  uint32_t below(uint32_t limit) noexcept {
    const uint32_t uneven = static_cast<uint32_t>(-limit) % limit;
    for (;;) {
      const uint64_t wide = static_cast<uint64_t>(next()) * limit;
      if (static_cast<uint32_t>(wide) >= uneven) return static_cast<uint32_t>(wide >> 32);
    }
  }

  /// Uniform in [0, 1), a multiple of 2^-24.
  float unit() noexcept { return static_cast<float>(next() >> 8) * (1.0f / 16777216.0f); }

 private:
  uint32_t state_;
};

}  // namespace WEIR_ABI
}  // namespace weir
