// SPDX-License-Identifier: MIT
// From a mask of bits to a list of indices.
#pragma once

#include <weir/kernel/isa.hpp>
#if WEIR_HAS_AVX512
#  include <immintrin.h>
#endif

namespace weir {
inline namespace WEIR_ABI {
namespace kernel {
namespace detail {

/// Compilers know this one, and take the instruction where there is one.
inline uint32_t count_bits(uint64_t v) noexcept {
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

/// Three are taken from every word, whether it has them or not, then eight at a time: a loop that ends with the last bit
/// would have its end guessed wrong, again and again, and that costs more than to take what is not there.
inline uint16_t* list_word(uint64_t word, uint32_t first, uint16_t* list) noexcept {
  uint16_t* const end = list + count_bits(word);
  for (unsigned k = 0; k < 3; ++k) *list++ = take_bit(word, first);
  while (word != 0)
    for (unsigned k = 0; k < 8; ++k) *list++ = take_bit(word, first);
  return end;
}

/// The words of the cells in [first, n).
inline uint16_t* list_words(const uint32_t* hits, uint32_t first, uint32_t n, uint16_t* list) noexcept {
  for (; first + 32 < n; first += 64, hits += 2)
    list = list_word(hits[0] | (static_cast<uint64_t>(hits[1]) << 32), first, list);
  return first < n ? list_word(hits[0], first, list) : list;
}

}  // namespace detail

/// Lists the indices of the bits that are set among the first n of `hits`, ascending: bit i % 32 of hits[i / 32] is index i.
/// n <= 65,536; bits from n on are zero. Returns how many. `list` has room for n + 8 entries: some past the last one that
/// counts are written.
inline index_t list_hits(const uint32_t* hits, index_t n, uint16_t* list, scalar) noexcept {
  return static_cast<index_t>(detail::list_words(hits, 0, n, list) - list);
}

#if WEIR_HAS_AVX512
/// Takes the same time for any number of hits.
__attribute__((noinline)) inline index_t list_hits(const uint32_t* hits, index_t n, uint16_t* list, avx512) noexcept {
  __m512i low = _mm512_set_epi16(31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10,
                                 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  __m512i high = _mm512_add_epi16(low, _mm512_set1_epi16(32));
  uint16_t* end = list;
  index_t i = 0;
  // All 32 entries are stored, hits or not: with no more than i behind us and 64 to come there is room. Compression merges
  // into `low`, because one that fills with zeros waits, for nothing, for what its register last held.
  for (; n - i >= 64; i += 64, hits += 2) {
    uint16_t* const middle = end + detail::count_bits(hits[0]);
    _mm512_storeu_si512(end, _mm512_mask_compress_epi16(low, hits[0], low));
    _mm512_storeu_si512(middle, _mm512_mask_compress_epi16(low, hits[1], high));
    end = middle + detail::count_bits(hits[1]);
    low = _mm512_add_epi16(low, _mm512_set1_epi16(64));
    high = _mm512_add_epi16(high, _mm512_set1_epi16(64));
  }
  return static_cast<index_t>(detail::list_words(hits, i, n, end) - list);
}
#endif

}  // namespace kernel
}  // namespace WEIR_ABI
}  // namespace weir
