// SPDX-License-Identifier: MIT
// The scan of the gate: a list of the cells that have risen to Wt.
#pragma once

#include <string.h>

#include <weir/kernel/isa.hpp>
#if WEIR_HAS_SSE2
#  include <immintrin.h>
#elif WEIR_HAS_NEON
#  include <arm_neon.h>
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
#if WEIR_HAS_SSE2 && defined(__BMI__)
  const uint64_t bit = _tzcnt_u64(word);
#else
  const int bit = __builtin_ctzll(word | (static_cast<uint64_t>(1) << 63));
#endif
  word &= word - 1;
  return static_cast<uint16_t>(first + static_cast<uint32_t>(bit));
}

/// Appends first + i for each bit i of `word`, and returns the list's end. Some are taken whether the word has them or not: a
/// loop that ends with the last bit would have its end guessed wrong, again and again. Writes up to 4 entries past the end.
inline uint16_t* list_word(uint64_t word, uint32_t first, uint16_t* list) noexcept {
  const uint32_t count = count_bits(word);
  uint16_t* const end = list + count;
  if (count <= 3) {
    for (unsigned k = 0; k < 3; ++k) *list++ = take_bit(word, first);
  } else {
    for (unsigned k = 0; k < 8; ++k) *list++ = take_bit(word, first);
    while (word != 0)
      for (unsigned k = 0; k < 4; ++k) *list++ = take_bit(word, first);
  }
  return end;
}

/// Numbers as they stand. at(i) is one, at4(i) and so on as many from i on as a vector holds. A scan asks for each once.
struct standing {
  const float* r;

  float at(index_t i) const noexcept { return r[i]; }
#if WEIR_HAS_SSE2
  __m128 at4(index_t i) const noexcept { return _mm_loadu_ps(r + i); }
#endif
#if WEIR_HAS_AVX2
  __m256 at8(index_t i) const noexcept { return _mm256_loadu_ps(r + i); }
#endif
#if WEIR_HAS_AVX512
  __m512 at16(index_t i) const noexcept { return _mm512_loadu_ps(r + i); }
#endif
#if WEIR_HAS_NEON
  float32x4_t at4(index_t i) const noexcept { return vld1q_f32(r + i); }
#endif
};

/// Appends the hits among numbers [i, n).
template <class Numbers>
uint16_t* scan_rest(const Numbers& numbers, index_t i, index_t n, float wt, uint16_t first, uint16_t* list) noexcept {
  for (; i < n; ++i) {
    const float r = numbers.at(i);
    *list = static_cast<uint16_t>(first + i);
    list += r < wt && -r < wt ? 0 : 1;
  }
  return list;
}

/// list_hits of any numbers.
template <class Numbers>
index_t scan(Numbers numbers, index_t n, float wt, uint16_t first, uint16_t* list, scalar) noexcept {
  return static_cast<index_t>(scan_rest(numbers, 0, n, wt, first, list) - list);
}

#if WEIR_HAS_SSE2
/// Which of sixteen numbers, |r| and Wt compared.
struct hits_sse2 {
  __m128 bound;
  __m128 no_sign;

  explicit hits_sse2(float wt) noexcept
      : bound(_mm_set1_ps(wt)), no_sign(_mm_castsi128_ps(_mm_set1_epi32(0x7fffffff))) {}
  __m128i operator()(__m128 r) const noexcept { return _mm_castps_si128(_mm_cmpnlt_ps(_mm_and_ps(r, no_sign), bound)); }
  static uint64_t bits(__m128i a, __m128i b, __m128i c, __m128i d) noexcept {
    const __m128i narrow = _mm_packs_epi16(_mm_packs_epi32(a, b), _mm_packs_epi32(c, d));
    return static_cast<uint32_t>(_mm_movemask_epi8(narrow));
  }
};

// The vector kernels are not inlined: in a net of two weights the compiler would see their loops, which it never enters,
// read past the end, and warn.
template <class Numbers>
__attribute__((noinline)) index_t scan(Numbers numbers, index_t n, float wt, uint16_t first, uint16_t* list,
                                       sse2) noexcept {
  const hits_sse2 hit(wt);
  uint16_t* end = list;
  index_t i = 0;
  for (; n - i >= 64; i += 64) {
    uint64_t word = 0;
    for (unsigned k = 0; k < 64; k += 16) {
      __m128i four[4];
      for (unsigned j = 0; j < 4; ++j) four[j] = hit(numbers.at4(i + k + 4 * j));
      word |= hit.bits(four[0], four[1], four[2], four[3]) << k;
    }
    end = list_word(word, first + i, end);
  }
  return static_cast<index_t>(scan_rest(numbers, i, n, wt, first, end) - list);
}
#endif

#if WEIR_HAS_AVX2
/// The numbers of the bits that are set, ascending, a byte each.
constexpr uint64_t bit_numbers(unsigned bits, unsigned first = 0) noexcept {
  return bits == 0         ? 0
         : (bits & 1) != 0 ? first | (bit_numbers(bits >> 1, first + 1) << 8)
                           : bit_numbers(bits >> 1, first + 1);
}
template <class = void>
struct bit_number_table {
  static const uint64_t of[256];
};
#  define WEIR_4(b) bit_numbers(b), bit_numbers((b) + 1), bit_numbers((b) + 2), bit_numbers((b) + 3)
#  define WEIR_16(b) WEIR_4(b), WEIR_4((b) + 4), WEIR_4((b) + 8), WEIR_4((b) + 12)
#  define WEIR_64(b) WEIR_16(b), WEIR_16((b) + 16), WEIR_16((b) + 32), WEIR_16((b) + 48)
template <class T>
const uint64_t bit_number_table<T>::of[256] = {WEIR_64(0), WEIR_64(64), WEIR_64(128), WEIR_64(192)};
#  undef WEIR_4
#  undef WEIR_16
#  undef WEIR_64

struct hits_avx2 {
  __m256 bound;
  __m256 no_sign;

  explicit hits_avx2(float wt) noexcept
      : bound(_mm256_set1_ps(wt)), no_sign(_mm256_castsi256_ps(_mm256_set1_epi32(0x7fffffff))) {}
  __m256i operator()(__m256 r) const noexcept {
    return _mm256_castps_si256(_mm256_cmp_ps(_mm256_and_ps(r, no_sign), bound, _CMP_NLT_UQ));
  }
  static uint64_t bits(__m256i a, __m256i b, __m256i c, __m256i d) noexcept {
    const __m256i bytes = _mm256_packs_epi16(_mm256_packs_epi32(a, b), _mm256_packs_epi32(c, d));
    const __m256i in_order = _mm256_permutevar8x32_epi32(bytes, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
    return static_cast<uint32_t>(_mm256_movemask_epi8(in_order));
  }

  /// Cells until the kernel looks again whether there are many hits.
  static constexpr index_t look() noexcept { return 512; }
  /// So many hits among `cells` that nobody can guess how many are in a word; then append() is the faster way.
  static bool many(const uint16_t* list, const uint16_t* end, index_t cells) noexcept {
    return static_cast<index_t>(end - list) * 32 > cells;
  }
  /// Appends the hits of eight cells, the first of which has number `first`. Takes the same time for any number of them.
  static uint16_t* append(__m256i hits, uint32_t first, uint16_t* list) noexcept {
    const uint32_t bits = static_cast<uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(hits)));
    const __m128i numbers = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(bit_number_table<>::of + bits));
    const __m128i firsts = _mm_set1_epi16(static_cast<int16_t>(first));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(list), _mm_add_epi16(_mm_cvtepu8_epi16(numbers), firsts));
    return list + count_bits(bits);
  }
};

template <class Numbers>
__attribute__((noinline)) index_t scan(Numbers numbers, index_t n, float wt, uint16_t first, uint16_t* list,
                                       avx2) noexcept {
  const hits_avx2 hit(wt);
  uint16_t* end = list;
  index_t i = 0;
  while (n - i >= 64) {
    const index_t stop = n - i > hit.look() ? static_cast<index_t>(i + hit.look()) : n - n % 64;
    if (hit.many(list, end, i)) {
      for (; i < stop; i += 64)
        for (unsigned k = 0; k < 64; k += 8) end = hit.append(hit(numbers.at8(i + k)), first + i + k, end);
    } else {
      for (; i < stop; i += 64) {
        uint64_t word = 0;
        for (unsigned k = 0; k < 64; k += 32) {
          __m256i four[4];
          for (unsigned j = 0; j < 4; ++j) four[j] = hit(numbers.at8(i + k + 8 * j));
          word |= hit.bits(four[0], four[1], four[2], four[3]) << k;
        }
        end = list_word(word, first + i, end);
      }
    }
  }
  return static_cast<index_t>(scan_rest(numbers, i, n, wt, first, end) - list);
}
#endif

#if WEIR_HAS_AVX512
/// The same time for any number of hits.
class hits_avx512 {
 public:
  hits_avx512(float wt, uint16_t first, uint16_t* list) noexcept
      : bound_(_mm512_set1_ps(wt)),
        numbers_(_mm512_set_epi8(63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42,
                                 41, 40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20,
                                 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)),
        first_(_mm256_set1_epi16(static_cast<int16_t>(first))),
        end_(list) {}

  __mmask16 operator()(__m512 r) const noexcept { return _mm512_cmp_ps_mask(_mm512_abs_ps(r), bound_, _CMP_NLT_UQ); }

  /// The hits of the next 64 cells. 16 entries are stored, hits or not, or 64: that many are to come. Compression merges,
  /// because one that fills with zeros waits, for nothing, for what its register last held.
  void append(__mmask16 a, __mmask16 b, __mmask16 c, __mmask16 d) noexcept {
    const __mmask64 hits = _mm512_kunpackd(_mm512_kunpackw(d, c), _mm512_kunpackw(b, a));
    const __m512i packed = _mm512_mask_compress_epi8(numbers_, hits, numbers_);
    const uint32_t count = count_bits(hits);
    store(end_, _mm512_maskz_extracti32x4_epi32(0xf, packed, 0));  // for all bits: gcc 12 warns of the cast
    if (count > 16) {
      __m128i parts[4];
      memcpy(parts, &packed, sizeof parts);
      for (unsigned k = 1; k < 4; ++k) store(end_ + 16 * k, parts[k]);
    }
    end_ += count;
    first_ = _mm256_add_epi16(first_, _mm256_set1_epi16(64));
  }
  uint16_t* end() const noexcept { return end_; }

 private:
  void store(uint16_t* to, __m128i packed) const noexcept {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm256_add_epi16(_mm256_cvtepu8_epi16(packed), first_));
  }

  __m512 bound_;
  __m512i numbers_;  // 0 to 63
  __m256i first_;    // of the 64 cells
  uint16_t* end_;
};

template <class Numbers>
__attribute__((noinline)) index_t scan(Numbers numbers, index_t n, float wt, uint16_t first, uint16_t* list,
                                       avx512) noexcept {
  hits_avx512 hits(wt, first, list);
  index_t i = 0;
  for (; n - i >= 64; i += 64) {
    __mmask16 hit[4];
    for (unsigned k = 0; k < 4; ++k) hit[k] = hits(numbers.at16(i + 16 * k));
    hits.append(hit[0], hit[1], hit[2], hit[3]);
  }
  return static_cast<index_t>(scan_rest(numbers, i, n, wt, first, hits.end()) - list);
}
#endif

#if WEIR_HAS_NEON
/// Thirty-two comparisons, gathered as a word: there is no movemask.
struct hits_neon {
  float32x4_t bound;

  explicit hits_neon(float wt) noexcept : bound(vdupq_n_f32(wt)) {}
  uint32x4_t below(float32x4_t r) const noexcept { return vcaltq_f32(r, bound); }  // |r| < |bound|
  static uint8x16_t narrow(const uint32x4_t* m) noexcept {
    return vuzp1q_u8(vreinterpretq_u8_u16(vuzp1q_u16(vreinterpretq_u16_u32(m[0]), vreinterpretq_u16_u32(m[1]))),
                     vreinterpretq_u8_u16(vuzp1q_u16(vreinterpretq_u16_u32(m[2]), vreinterpretq_u16_u32(m[3]))));
  }
  /// The bits of sixteen vectors of four, those that are not below.
  static uint64_t bits(const uint32x4_t* m) noexcept {
    const uint8x16_t weights = vreinterpretq_u8_u64(vdupq_n_u64(0x8040201008040201u));
    const uint8x16_t low = vpaddq_u8(vbicq_u8(weights, narrow(m)), vbicq_u8(weights, narrow(m + 4)));
    const uint8x16_t high = vpaddq_u8(vbicq_u8(weights, narrow(m + 8)), vbicq_u8(weights, narrow(m + 12)));
    const uint8x16_t fours = vpaddq_u8(low, high);
    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(fours, fours)), 0);
  }
};

template <class Numbers>
__attribute__((noinline)) index_t scan(Numbers numbers, index_t n, float wt, uint16_t first, uint16_t* list,
                                       neon) noexcept {
  const hits_neon hit(wt);
  uint16_t* end = list;
  index_t i = 0;
  for (; n - i >= 64; i += 64) {
    uint32x4_t below[16];
    for (unsigned k = 0; k < 16; ++k) below[k] = hit.below(numbers.at4(i + 4 * k));
    end = list_word(hit.bits(below), first + i, end);
  }
  return static_cast<index_t>(scan_rest(numbers, i, n, wt, first, end) - list);
}
#endif

}  // namespace detail

/// Lists first + i for each i in [0, n) with |r[i]| >= wt, ascending, and returns how many there are. first + n <= 65,536;
/// wt >= 0; what is not a number is listed, so that somebody looks at it. `list` has room for n + 8 entries: some past the
/// last one that counts are written.
template <class Isa>
index_t list_hits(const float* r, index_t n, float wt, uint16_t first, uint16_t* list, Isa isa) noexcept {
  const detail::standing numbers = {r};
  return detail::scan(numbers, n, wt, first, list, isa);
}

}  // namespace kernel
}  // namespace WEIR_ABI
}  // namespace weir
