// SPDX-License-Identifier: MIT
// Short floating-point formats, by integer operations only.
#pragma once

#include <string.h>

#include <weir/config.hpp>

namespace weir {
inline namespace WEIR_ABI {

inline uint32_t float_bits(float v) noexcept {
  uint32_t u;
  memcpy(&u, &v, sizeof u);
  return u;
}
inline float float_of_bits(uint32_t u) noexcept {
  float v;
  memcpy(&v, &u, sizeof v);
  return v;
}
/// log2(v) within 0.01, for normal v > 0: the exponent, and a parabola through the mantissas 1, 3/2 (nearly) and 2. Where
/// a logarithm is a guide, not a result: logf has ten times the code.
inline float rough_log2(float v) noexcept {
  const uint32_t u = float_bits(v);
  const float m = float_of_bits((u & UINT32_C(0x7fffff)) | UINT32_C(0x3f800000));
  const int16_t exponent = static_cast<int16_t>(static_cast<int16_t>(u >> 23) - 127);
  return static_cast<float>(exponent) + ((2.0f - m * (1.0f / 3.0f)) * m - 5.0f / 3.0f);
}
/// Neither infinite nor NaN.
inline bool is_finite(float v) noexcept { return ((float_bits(v) >> 23) & 0xff) != 0xff; }

/// The upper half of a float, rounded towards zero: 8 significant bits, the whole range.
inline uint16_t to_bfloat16(float v) noexcept { return static_cast<uint16_t>(float_bits(v) >> 16); }
inline float from_bfloat16(uint16_t h) noexcept { return float_of_bits(static_cast<uint32_t>(h) << 16); }

/// IEEE binary16, rounded to nearest even; beyond its range the largest finite number, so that what is
/// too big for one frame stays partly in the residual instead of becoming infinite.
inline uint16_t to_float16(float v) noexcept {
  const uint32_t u = float_bits(v);
  const uint16_t sign = static_cast<uint16_t>((u >> 16) & 0x8000);
  const uint32_t a = u & UINT32_C(0x7fffffff);
  if (a >= UINT32_C(0x477ff000)) return static_cast<uint16_t>(sign | 0x7bff);
  if (a < UINT32_C(0x33000001)) return sign;                      // at most half of the smallest: zero
  if (a < UINT32_C(0x38800000)) {                                 // subnormal: a multiple of 2^-24
    const uint8_t shift = static_cast<uint8_t>(126 - (a >> 23));  // 14 to 24
    const uint32_t m = (a & UINT32_C(0x7fffff)) | UINT32_C(0x800000);
    const uint32_t half = static_cast<uint32_t>(1) << (shift - 1);
    const uint32_t rest = m & ((half << 1) - 1);
    uint32_t h = m >> shift;
    if (rest > half || (rest == half && (h & 1) != 0)) ++h;
    return static_cast<uint16_t>(sign | h);
  }
  const uint32_t odd = (a >> 13) & 1;
  return static_cast<uint16_t>(sign | ((a - UINT32_C(0x38000000) + 0xfff + odd) >> 13));
}

inline float from_float16(uint16_t h) noexcept {
  const uint32_t sign = static_cast<uint32_t>(h & 0x8000) << 16;
  const uint32_t e = (h >> 10) & 0x1f;
  const uint32_t m = h & 0x3ff;
  if (e == 31) return float_of_bits(sign | UINT32_C(0x7f800000) | (m << 13));
  if (e != 0) return float_of_bits(sign | ((e + 112) << 23) | (m << 13));
  const float tiny = static_cast<float>(m) * (1.0f / 16777216.0f);
  return sign != 0 ? -tiny : tiny;
}

}  // namespace WEIR_ABI
}  // namespace weir
