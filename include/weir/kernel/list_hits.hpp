// SPDX-License-Identifier: MIT
// From a mask of bits to a list of indices.
#pragma once

#include <weir/config.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace kernel {
namespace detail {

inline uint32_t count_bits(
    uint64_t v) noexcept {  // compilers know this one, and take the instruction where there is one
  v -= (v >> 1) & 0x5555555555555555u;
  v = (v & 0x3333333333333333u) + ((v >> 2) & 0x3333333333333333u);
  v = (v + (v >> 4)) & 0x0f0f0f0f0f0f0f0fu;
  return static_cast<uint32_t>((v * 0x0101010101010101u) >> 56);
}

/// Takes the lowest bit out of `word` and gives its index; of an empty word some index.
inline uint16_t take_bit(uint64_t& word, uint32_t first) noexcept {
  const int bit = __builtin_ctzll(word | (static_cast<uint64_t>(1) << 63));
  word &= word - 1;
  return static_cast<uint16_t>(first + static_cast<uint32_t>(bit));
}

/// Three are taken from every word, whether it has them or not, then eight at a time: a loop that ends with the last bit would
/// have its end guessed wrong, again and again, and that costs more than to take what is not there.
inline uint16_t* list_word(uint64_t word, uint32_t first, uint16_t* list) noexcept {
  uint16_t* const end = list + count_bits(word);
  for (unsigned k = 0; k < 3; ++k) *list++ = take_bit(word, first);
  while (word != 0)
    for (unsigned k = 0; k < 8; ++k) *list++ = take_bit(word, first);
  return end;
}

}  // namespace detail

/// Lists the indices of the bits that are set among the first n of `hits`, ascending: bit i % 32 of hits[i / 32] is index i.
/// n <= 65,536; bits from n on are zero. Returns how many. `list` has room for n + 8 entries: some past the last one that counts
/// are written.
inline index_t list_hits(const uint32_t* hits, index_t n, uint16_t* list) noexcept {
  uint16_t* end = list;
  const uint32_t words = (static_cast<uint32_t>(n) + 31) / 32;
  uint32_t k = 0;
  for (; k + 2 <= words; k += 2)
    end = detail::list_word(hits[k] | (static_cast<uint64_t>(hits[k + 1]) << 32), 32 * k, end);
  if (k < words) end = detail::list_word(hits[k], 32 * k, end);
  return static_cast<index_t>(end - list);
}

}  // namespace kernel
}  // namespace WEIR_ABI
}  // namespace weir
