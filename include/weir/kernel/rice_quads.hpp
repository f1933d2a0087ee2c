// SPDX-License-Identifier: MIT
// Symbols of Rice's code, four in a word: many at a time. Where the machine shifts each number of a vector by its own count.
#pragma once

#include <string.h>

#include <weir/kernel/isa.hpp>

#define WEIR_HAS_QUADS (WEIR_HAS_AVX2 || WEIR_HAS_NEON)

#if WEIR_HAS_QUADS

namespace weir {
inline namespace WEIR_ABI {
namespace kernel {

/// Up to 32 symbols with a tail of one bit, four in a word, as they follow each other in the stream.
class rice_quads {
 public:
  static constexpr uint32_t most() noexcept { return 32; }
  static constexpr uint32_t most_bits() noexcept { return 8 * 62; }

  uint64_t bits(uint32_t i) const noexcept { return bits_[i]; }
  /// Of the bits; at most 62.
  uint8_t length(uint32_t i) const noexcept { return static_cast<uint8_t>(lengths_[i]); }

  /// Symbols of parameter l: the gap first_gap, then those between the list's elements, n <= most() in all; bit i of `tails` is the
  /// tail of symbol i. list[-1] to list[most() - 1] can be read. False: one of them is too long for this.
  bool set(uint32_t first_gap, const uint16_t* list, uint32_t tails, uint32_t n, uint8_t l) noexcept {
    if (l > 16) return false;
    const uint32_t span = static_cast<uint32_t>(1) << l;
    const eight bit = {1, 2, 4, 8, 16, 32, 64, 128};
    const uint32_t wanted = n == 32 ? 0xffffffff : (static_cast<uint32_t>(1) << n) - 1;
    eight too_long = {};
    four_pairs long_pairs = {};
    for (uint32_t i = 0; 8 * i < n; ++i) {
      eight gap = load(list + 8 * i) - load(list + 8 * i - 1) - all(1);
      if (i == 0) gap[0] = first_gap;
      const eight counts = marks(all(wanted >> (8 * i)) & bit);
      gap &= counts;
      const eight quotient = gap >> all(l);
      const eight size = (quotient + all(2u + l)) & counts;
      too_long |= (quotient + all(12)) | size;  // 20 and more, 32 and more: 32 is set or a bit above it
      const eight shift = quotient & all(31);
      const eight tail = marks(all(tails >> (8 * i)) & bit) & all(span);
      const eight rest = (gap & all(span - 1)) | tail;
      const eight symbol = (((rest << all(1)) << shift) | ((all(1) << shift) - all(1))) & counts;

      four_pairs pair, pair_size;
      memcpy(&pair, &symbol, sizeof pair);
      memcpy(&pair_size, &size, sizeof pair_size);
      const four_pairs low = pair_size & all_pairs(0xffffffff);
      pair = (pair & all_pairs(0xffffffff)) | ((pair >> all_pairs(32)) << low);
      pair_size = low + (pair_size >> all_pairs(32));
      long_pairs |= pair_size;
      bits_[2 * i] = pair[0] | (pair[1] << (pair_size[0] & 63));
      bits_[2 * i + 1] = pair[2] | (pair[3] << (pair_size[2] & 63));
      lengths_[2 * i] = pair_size[0] + pair_size[1];
      lengths_[2 * i + 1] = pair_size[2] + pair_size[3];
    }
    four_pairs any;
    memcpy(&any, &too_long, sizeof any);
    any = (any & all_pairs(0xffffffe0ffffffe0)) | (long_pairs & all_pairs(~static_cast<uint64_t>(31)));
    return (any[0] | any[1] | any[2] | any[3]) == 0;
  }

 private:
  typedef uint32_t eight __attribute__((vector_size(32)));
  typedef uint64_t four_pairs __attribute__((vector_size(32)));
  typedef uint16_t eight_short __attribute__((vector_size(16)));

  static eight all(uint32_t v) noexcept { return eight{v, v, v, v, v, v, v, v}; }
  static four_pairs all_pairs(uint64_t v) noexcept { return four_pairs{v, v, v, v}; }
  /// All bits where there is one.
  static eight marks(eight v) noexcept {
    const eight none = {};
    eight m;
    const auto set = v != none;
    memcpy(&m, &set, sizeof m);
    return m;
  }
  static eight load(const uint16_t* from) noexcept {
    eight_short v;
    memcpy(&v, from, sizeof v);
    return __builtin_convertvector(v, eight);
  }

  uint64_t bits_[8];
  uint64_t lengths_[8];
};

}  // namespace kernel
}  // namespace WEIR_ABI
}  // namespace weir

#endif
