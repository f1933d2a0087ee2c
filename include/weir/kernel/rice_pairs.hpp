// SPDX-License-Identifier: MIT
// Symbols of Rice's code, two in a word: many at a time, by vectors where a vector's numbers are shifted each by its own count.
#pragma once

#include <string.h>

#include <weir/kernel/isa.hpp>
#if WEIR_HAS_AVX2
#  include <immintrin.h>
#endif

#define WEIR_HAS_RICE_PAIRS (WEIR_HAS_SSE2 || WEIR_HAS_NEON)

#if WEIR_HAS_RICE_PAIRS

namespace weir {
inline namespace WEIR_ABI {
namespace kernel {

/// Up to 32 symbols with a tail of one bit, two in a word, as they follow each other in the stream.
class rice_pairs {
 public:
  static constexpr uint32_t most() noexcept { return 32; }
  static constexpr uint32_t most_bits() noexcept { return 16 * 56; }

  uint64_t bits(uint32_t i) const noexcept { return bits_[i]; }
  /// Of the bits; at most 56.
  uint32_t length(uint32_t i) const noexcept { return static_cast<uint32_t>(lengths_[i]); }

  /// Symbols of parameter l: the gap first_gap, then those between the list's elements, n <= most() in all, n even; tails[i], 0 or
  /// 1, is the tail of symbol i. list[-1] to list[most() - 1] and most() tails can be read. False: one of the symbols is too
  /// long for this.
  bool set(uint32_t first_gap, const uint16_t* list, const uint32_t* tails, uint32_t n, uint8_t l) noexcept {
    if (l > 14 || first_gap > 0xffff) return false;
    // What all have in common, in 16 bits: quotients, and remainders with a one below, where the quotient's ones begin.
    const uint16_t limit =
        static_cast<uint16_t>(l < 7 ? 19 : 26 - l);  // symbols of up to 28 bits, and none with an escape
    const uint16_t low = static_cast<uint16_t>((2u << l) - 2);
#  if WEIR_HAS_AVX2 || WEIR_HAS_NEON
    alignas(32) uint16_t quotients[most()], rests[most()];
    shorts number = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    shorts over = {};
    for (uint32_t i = 0; i < most(); i += 16) {
      shorts gap = load<shorts>(list + i) - load<shorts>(list + i - 1) - all16(1);
      if (i == 0) gap[0] = static_cast<uint16_t>(first_gap);
      const auto counted = number < all16(static_cast<uint16_t>(n));
      number += all16(16);
      const shorts quotient = (gap >> all16(l)) & same_bits<shorts>(counted);
      over |= quotient | (quotient + all16(static_cast<uint16_t>(0x7fff - limit)));
      store(quotients + i, quotient);
      store(rests + i, ((gap + gap) & all16(low)) | all16(1));
    }
    const longs any = same_bits<longs>(over) & all64(0x8000800080008000u);
    if ((any[0] | any[1] | any[2] | any[3]) != 0) return false;

    for (uint32_t i = 0; i < most(); i += 8) {
      const words quotient = wide(quotients + i);
      const words rest = wide(rests + i) | (load<words>(tails + i) << all32(l + 1u));
      const longs symbol = same_bits<longs>((rest << quotient) - all32(1));
      const longs size = same_bits<longs>(quotient + all32(2u + l));
      const longs first_size = size & all64(0xffffffff);
      store(bits_ + i / 2, (symbol & all64(0xffffffff)) | ((symbol >> all64(32)) << first_size));
      store(lengths_ + i / 2, first_size + (size >> all64(32)));
    }
    return true;
#  else
    uint32_t over = 0;
    uint16_t last = static_cast<uint16_t>(list[0] - first_gap - 1);
    for (uint32_t i = 0; i < n; i += 2) {
      const uint32_t gap = static_cast<uint16_t>(list[i] - last - 1);
      const uint32_t next_gap = static_cast<uint16_t>(list[i + 1] - list[i] - 1);
      last = list[i + 1];
      const uint32_t quotient = gap >> l, next_quotient = next_gap >> l;
      over |= (limit - quotient) | (limit - next_quotient);  // negative: too long
      const uint32_t size = 2u + l + (quotient & 31), next_size = 2u + l + (next_quotient & 31);
      const uint64_t rest = ((gap << 1) & low) | 1 | (tails[i] << (l + 1));
      const uint64_t next_rest = ((next_gap << 1) & low) | 1 | (tails[i + 1] << (l + 1));
      const uint64_t symbol = (rest << (quotient & 31)) - 1, next = (next_rest << (next_quotient & 31)) - 1;
      bits_[i / 2] = symbol | (next << size);
      lengths_[i / 2] = size + next_size;
    }
    return (over >> 31) == 0;
#  endif
  }

 private:
#  if WEIR_HAS_AVX2 || WEIR_HAS_NEON
  typedef uint16_t shorts __attribute__((vector_size(32)));
  typedef uint32_t words __attribute__((vector_size(32)));
  typedef uint64_t longs __attribute__((vector_size(32)));

  static shorts all16(uint16_t v) noexcept { return shorts{} + v; }
  static words all32(uint32_t v) noexcept { return words{} + v; }
  static longs all64(uint64_t v) noexcept { return longs{} + v; }
  template <class V, class T>
  static V load(const T* from) noexcept {
    V v;
    memcpy(&v, from, sizeof v);
    return v;
  }
  template <class V, class T>
  static void store(T* to, V v) noexcept {
    memcpy(to, &v, sizeof v);
  }
  template <class V, class W>
  static V same_bits(W w) noexcept {
    V v;
    memcpy(&v, &w, sizeof v);
    return v;
  }
  /// Eight of them, as numbers of 32 bits.
  static words wide(const uint16_t* from) noexcept {
#    if WEIR_HAS_AVX2
    return same_bits<words>(_mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from))));
#    else
    typedef uint16_t eight __attribute__((vector_size(16)));
    return __builtin_convertvector(load<eight>(from), words);
#    endif
  }
#  endif

  uint64_t bits_[16];
  uint64_t lengths_[16];
};

}  // namespace kernel
}  // namespace WEIR_ABI
}  // namespace weir

#endif
