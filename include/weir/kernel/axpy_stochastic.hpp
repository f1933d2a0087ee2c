// SPDX-License-Identifier: MIT
// y += s * x for cells so coarse that most updates are less than one unit: each rounds up or down by chance, so that its
// mean is exact and small updates are not lost. Integers only: the same bits on every machine.
#pragma once

#include <weir/core/fixed.hpp>
#include <weir/kernel/isa.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace kernel {

/// Where stochastic rounding takes its bits from: a linear congruential generator whose upper half begins each row. Any
/// state is a good one, all-zero too. RAM: 4 bytes.
struct dither {
  uint32_t state;

  uint16_t next() noexcept {
    state = state * UINT32_C(1664525) + UINT32_C(1013904223);
    return static_cast<uint16_t>(state >> 16);
  }
  /// From element to element of a row: a Weyl sequence, which spreads the roundings of a row evenly (its step is
  /// 2^16 / golden ratio; it comes to every number).
  static constexpr uint16_t step() noexcept { return 0x9e37; }
};

namespace detail {

/// A factor as the loop wants it: mantissa * 2^-16, or 2^-8 where that is too small for it.
struct chance_factor {
  int16_t mantissa;
  bool large;  // in units of 2^-8
};

/// s, from units of 2^-from to units of 2^-to. What 16 bits cannot say of it is rounded by chance too.
inline chance_factor make_chance_factor(fixed_scale s, int8_t from, int8_t to, dither& d) noexcept {
  const int16_t shift = static_cast<int16_t>(s.exponent + from - to);
  const bool large = shift < 16;
  int16_t less = static_cast<int16_t>(shift - (large ? 8 : 16));  // bits to take from the mantissa
  int32_t m = s.mantissa;
  for (; less < 0 && m <= 32767 && m >= -32767; ++less) m += m;
  if (less > 0) {
    if (less > 15) m = less > 31 ? 0 : round_shift<int32_t>(m, static_cast<uint8_t>(less - 15)), less = 15;
    m = (m + static_cast<int32_t>(d.next() & ((static_cast<uint16_t>(1) << less) - 1u))) >> less;
  }
  const chance_factor f = {saturate<int16_t>(m), large};
  return f;
}

}  // namespace detail

/// y[i] += s * x[i] for i in [0, n), each rounded to one of its two neighbours with the chances that make the mean exact.
/// x may be y, but must not overlap it otherwise. Returns how many cells had to saturate.
template <class A, int8_t FA, class B, int8_t FB>
index_t axpy_stochastic(fixed_scale s, const fixed<A, FA>* x, fixed<B, FB>* y, index_t n, dither& d, scalar) noexcept {
  static_assert(sizeof(A) <= 2 && sizeof(B) <= 2, "weir: stochastic rounding is for numbers of 8 and 16 bits");
  const detail::chance_factor f = detail::make_chance_factor(s, FA, FB, d);
  index_t saturated = 0;
  if (f.mantissa == 0) return saturated;
  uint16_t chance = d.next();
  for (index_t i = 0; i < n; ++i, chance = static_cast<uint16_t>(chance + dither::step())) {
    const int32_t p = static_cast<int32_t>(f.mantissa) * x[i].raw;
    const int32_t units = f.large ? (p + (chance >> 8)) >> 8 : (p + chance) >> 16;
    const int32_t sum = y[i].raw + units;
    y[i].raw = saturate<B>(sum);
    if (y[i].raw != sum) ++saturated;
  }
  return saturated;
}

}  // namespace kernel
}  // namespace WEIR_ABI
}  // namespace weir
