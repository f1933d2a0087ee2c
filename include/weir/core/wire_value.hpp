// SPDX-License-Identifier: MIT
// A frame's values as bits. Float frames carry floats; integer frames carry counts of weight units.
#pragma once

#include <weir/core/bytes.hpp>
#include <weir/core/fixed.hpp>
#include <weir/core/float_bits.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// Conversions of a value to its fields of 32 and 16 bits and of a magnitude to 16, and back. `narrow16` is the
/// value that 16 bits can say, so that the sender subtracts what the receiver will see. `sane` refuses bits that
/// no sender writes (infinities, NaN): they would poison the weights.
template <class Value>
struct wire_value;

template <>
struct wire_value<float> {
  static uint32_t to32(float v) noexcept { return float_bits(v); }
  static float from32(uint32_t b) noexcept { return float_of_bits(b); }
  static float narrow16(float v) noexcept { return from_float16(to_float16(v)); }
  static uint16_t to16(float v) noexcept { return to_float16(v); }
  static float from16(uint16_t b) noexcept { return from_float16(b); }
  static uint16_t to_magnitude(float v) noexcept { return to_bfloat16(v); }
  static float from_magnitude(uint16_t b) noexcept { return from_bfloat16(b); }
  static bool sane(float v) noexcept { return is_finite(v); }
};

template <>
struct wire_value<int32_t> {
  static uint32_t to32(int32_t v) noexcept { return static_cast<uint32_t>(v); }
  static int32_t from32(uint32_t b) noexcept { return static_cast<int32_t>(b); }
  static int32_t narrow16(int32_t v) noexcept { return saturate<int16_t>(v); }
  static uint16_t to16(int32_t v) noexcept { return static_cast<uint16_t>(v & 0xffff); }
  static int32_t from16(uint16_t b) noexcept { return static_cast<int16_t>(b); }
  static uint16_t to_magnitude(int32_t v) noexcept { return static_cast<uint16_t>(v); }
  static int32_t from_magnitude(uint16_t b) noexcept { return b; }
  static bool sane(int32_t v) noexcept { return v >= -INT32_C(0x7fffffff); }
};

}  // namespace WEIR_ABI
}  // namespace weir
