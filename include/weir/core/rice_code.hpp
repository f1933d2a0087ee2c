// SPDX-License-Identifier: MIT
#pragma once

#include <weir/config.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// Rice's code for numbers that are followed by `tail` bits each, and what follows from its parameter l <= 24.
struct rice_code {
  index_t span;   ///< 2^l; 0 if that is beyond index_t
  uint8_t bits;   ///< of remainder and tail
  uint8_t power;  ///< 2^(bits % 8)
  uint8_t l;
  uint8_t raw_bits;  ///< of an escaped number

  rice_code(uint8_t l_, uint8_t raw_bits_, uint8_t tail) noexcept
      : span(static_cast<index_t>(static_cast<uint32_t>(1) << l_)),
        bits(static_cast<uint8_t>(l_ + tail)),
        power(static_cast<uint8_t>(1u << ((l_ + tail) & 7))),
        l(l_),
        raw_bits(raw_bits_) {}
};

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
