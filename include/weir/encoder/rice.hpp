// SPDX-License-Identifier: MIT
// Rice's code for the gaps between emitted coordinates (Rice and Plaunt 1971; Golomb 1966): quotient in unary,
// remainder in l bits. At the best l it is within 1.5 % of the entropy of evenly spread coordinates.
#pragma once

#include <weir/core/bits.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// Quotients from here on are escaped: so many ones, then the gap itself in index_bits(cells) bits.
constexpr uint8_t rice_escape() noexcept { return 20; }
/// The largest parameter: a remainder is written in one go.
constexpr uint8_t rice_most() noexcept { return 24; }

/// Bits that number `cells` cells; 1 at least.
constexpr uint8_t index_bits(index_t cells, uint8_t so_far = 1) noexcept {
  return cells <= 2 ? so_far : index_bits(static_cast<index_t>(cells - cells / 2), static_cast<uint8_t>(so_far + 1));
}

/// The best parameter for `hits` of `cells`: the smallest l with 2^l >= 0.48 (cells / hits - 1 / 2), the golden-ratio rule
/// (Kiely, IPN 42-159: (1 - p)^(2^l) <= 0.618; 0.4812 is here 123 / 256). Integers only: the same on every machine.
inline uint8_t rice_parameter(index_t cells, index_t hits) noexcept {
  const uint32_t n = static_cast<uint32_t>(cells) - (hits < cells ? hits : cells) / 2;
  const uint32_t enough = (n >> 8) * 123 + (((n & 0xff) * 123) >> 8);
  uint32_t reach = hits == 0 ? 1 : hits;
  uint8_t l = 0;
  for (; reach < enough && l < rice_most(); ++l) reach = reach > 0x7fffffff ? 0xffffffff : reach * 2;
  return l;
}

/// Bits of one gap.
inline uint32_t rice_cost(index_t gap, uint8_t l, uint8_t raw_bits) noexcept {
  const uint32_t quotient = static_cast<uint32_t>(gap) >> l;
  return quotient < rice_escape() ? quotient + 1 + l : static_cast<uint32_t>(rice_escape()) + raw_bits;
}

inline void put_rice(bit_writer& bits, index_t gap, uint8_t l, uint8_t raw_bits) noexcept {
  const uint32_t g = gap;
  const uint32_t quotient = g >> l;
  if (quotient < rice_escape()) {
    bits.put((static_cast<uint32_t>(1) << quotient) - 1, static_cast<uint8_t>(quotient + 1));
    bits.put(g & ((static_cast<uint32_t>(1) << l) - 1), l);
    return;
  }
  bits.put((static_cast<uint32_t>(1) << rice_escape()) - 1, rice_escape());
  if (raw_bits > 16) {
    bits.put(g & 0xffff, 16);
    bits.put(g >> 16, static_cast<uint8_t>(raw_bits - 16));
  } else {
    bits.put(g, raw_bits);
  }
}

inline uint32_t get_rice(bit_reader& bits, uint8_t l, uint8_t raw_bits) noexcept {
  const uint8_t quotient = bits.get_unary(rice_escape());
  if (quotient < rice_escape()) return (static_cast<uint32_t>(quotient) << l) + bits.get(l);
  if (raw_bits <= 16) return bits.get(raw_bits);
  const uint32_t low = bits.get(16);
  return low | (bits.get(static_cast<uint8_t>(raw_bits - 16)) << 16);
}

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
