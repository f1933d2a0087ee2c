// SPDX-License-Identifier: MIT
// Initial weights: uniform in [-bound, bound], from integer random bits and a bound computed by the compiler in
// integers, so that one seed gives the same weights on every platform. No libm.
#pragma once

#include <weir/core/fixed.hpp>
#include <weir/core/random.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

constexpr uint64_t integer_sqrt_step(uint64_t v, uint64_t low, uint64_t high) noexcept {
  return high - low <= 1                                ? low
         : ((low + high) / 2) * ((low + high) / 2) <= v ? integer_sqrt_step(v, (low + high) / 2, high)
                                                        : integer_sqrt_step(v, low, (low + high) / 2);
}
/// The integer part of the square root of v < 2^62.
constexpr uint64_t integer_sqrt(uint64_t v) noexcept { return integer_sqrt_step(v, 0, UINT64_C(1) << 31); }

/// sqrt(numerator / denominator) in units of 2^-14; at most 2.5.
constexpr uint16_t init_bound(uint32_t numerator, uint64_t denominator) noexcept {
  return static_cast<uint16_t>(integer_sqrt((static_cast<uint64_t>(numerator) << 28) / denominator));
}

/// A 16-bit random fraction times the bound, in units of 2^-22.
inline int32_t init_units(uint32_t random, uint16_t bound) noexcept {
  const uint32_t part = (random >> 1) & 0x7fff;
  const int32_t units = static_cast<int32_t>((part * static_cast<uint32_t>(bound)) >> 7);
  return (random & 1) != 0 ? -units : units;
}

inline void set_weight(float& w, int32_t units) noexcept { w = static_cast<float>(units) * (1.0f / 4194304.0f); }
template <class Rep, int8_t F>
void set_weight(fixed<Rep, F>& w, int32_t units) noexcept {
  static_assert(F <= 22, "weir: weights are initialised in units of 2^-22; use a fraction of at most 22 bits");
  w.raw = saturate<Rep>(round_shift<int32_t>(units, static_cast<uint8_t>(22 - F)));
}

template <class A>
void fill_uniform(A* w, index_t n, uint16_t bound, random_bits& random) noexcept {
  for (index_t i = 0; i < n; ++i) set_weight(w[i], init_units(random.next() >> 16, bound));
}
}  // namespace detail

/// He et al., ICCV 2015: bound sqrt(6 / inputs), for layers in front of a relu.
struct he_uniform {
  static constexpr uint16_t bound(index_t inputs, index_t) noexcept { return detail::init_bound(6, inputs); }
};

/// Glorot and Bengio, AISTATS 2010: bound sqrt(6 / (inputs + outputs)), for sigmoid, tanh and last layers.
struct xavier_uniform {
  static constexpr uint16_t bound(index_t inputs, index_t outputs) noexcept {
    return detail::init_bound(6, static_cast<uint64_t>(inputs) + outputs);
  }
};

}  // namespace WEIR_ABI
}  // namespace weir
