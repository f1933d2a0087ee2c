// SPDX-License-Identifier: MIT
// The number formats of one fleet: what weights, residuals, sums and wire values are made of.
#pragma once

#include <weir/core/fixed.hpp>
#include <weir/core/float_bits.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// Names both formats where the default residual does not fit: numbers<fixed16<12>, fixed16<18>>.
template <class Weight, class Residual>
struct numbers {};

/// Number -> its formats. `value` is what a frame carries: a float, or a count of weight units (integer frames).
/// `scale` multiplies (rates, means). `aggregate` is a cell of the coordinator's residual, `velocity` one of momentum: it has
/// 16 bits at least, because it gathers gradients that are less than a unit of 8.
template <class Number>
struct number {
  static_assert(sizeof(Number) == 0,
                "weir: a number format is float, fixed16<F>, fixed8<F> or numbers<weights, residual>; "
                "see weir/core/number.hpp");
};

template <>
struct number<float> {
  typedef float weight;
  typedef float residual;
  typedef float velocity;
  typedef float scale;
  typedef float value;
  typedef float aggregate;
  /// Part of the fingerprint: the weight unit, 0 for float.
  static constexpr uint32_t unit() noexcept { return 0; }
  static constexpr size_t weight_bytes() noexcept { return 4; }
  /// What is rounded by chance when an update joins it; see weir/kernel/axpy_stochastic.hpp.
  static constexpr bool residual_by_chance() noexcept { return false; }
  static constexpr bool weights_by_chance() noexcept { return false; }
};

template <class Rep, int8_t F, class ResidualRep, int8_t ResidualF>
struct number<numbers<fixed<Rep, F>, fixed<ResidualRep, ResidualF>>> {
  static_assert(sizeof(Rep) <= 2, "weir: weights are floats or have 8 or 16 bits: fixed16<F>, fixed8<F>");
  static_assert(F >= 0, "weir: the weights' unit is 2^-F with F of at least 0");
  static_assert(ResidualF >= F, "weir: the residual's unit must be as fine as the weights' or finer");
  static_assert(ResidualF < F || ResidualF - F < static_cast<int>(8 * sizeof(ResidualRep)) - 1,
                "weir: the residual must have room for at least one unit of the weights, or no weight could ever move: "
                "take fewer fraction bits for it, or more bits");
  typedef fixed<Rep, F> weight;
  typedef fixed<ResidualRep, ResidualF> residual;
  typedef typename conditional<sizeof(Rep) == 1, fixed<int16_t, F + 6>, weight>::type velocity;
  typedef fixed_scale scale;
  typedef int32_t value;
  typedef fixed<int32_t, 0> aggregate;
  static constexpr uint32_t unit() noexcept { return static_cast<uint32_t>(F) + 1; }
  static constexpr size_t weight_bytes() noexcept { return sizeof(Rep); }
  /// A residual of 8 bits is too coarse for most updates, and so are (local) weights: they would be rounded away.
  static constexpr bool residual_by_chance() noexcept { return sizeof(ResidualRep) == 1; }
  static constexpr bool weights_by_chance() noexcept { return true; }
};

/// Fixed-point weights alone: the residual has 16 bits and a unit 64 times finer.
template <class Rep, int8_t F>
struct number<fixed<Rep, F>> : number<numbers<fixed<Rep, F>, fixed<int16_t, F + 6>>> {};

/// v * s as the same kind of factor.
inline float times(float s, float v) noexcept { return s * v; }
template <class Rep, int8_t F>
fixed_scale times(fixed_scale s, fixed<Rep, F> v) noexcept {
  return s.times(v);
}

/// A factor from a float.
template <class Scale>
Scale make_scale(float v) noexcept;
template <>
inline float make_scale<float>(float v) noexcept {
  return v;
}
template <>
inline fixed_scale make_scale<fixed_scale>(float v) noexcept {
  return fixed_scale::of(v);
}

/// The opposite factor.
inline float negated(float s) noexcept { return -s; }
inline fixed_scale negated(fixed_scale s) noexcept {
  s.mantissa = static_cast<int16_t>(-s.mantissa);
  return s;
}

/// A wire value leaves the weights: w -= v, saturating in fixed point (the same way on every node).
inline void subtract(float& w, float v) noexcept { w -= v; }
template <class Rep, int8_t F>
void subtract(fixed<Rep, F>& w, int32_t units) noexcept {
  static_assert(sizeof(Rep) <= 2, "weir: weights have 8 or 16 bits");
  const int32_t most = 2 * static_cast<int32_t>(raw_range<Rep>::highest());  // from one end of the range to the other
  w.raw = saturate<Rep>(w.raw - (units > most ? most : units < -most ? -most : units));
}

inline float magnitude(float v) noexcept { return __builtin_fabsf(v); }
template <class Rep, int8_t F>
fixed<Rep, F> magnitude(fixed<Rep, F> v) noexcept {
  return v.raw < 0 ? -v : v;
}

/// An amount >= 0, with the sign of a cell.
inline float with_sign_of(float cell, float amount) noexcept { return __builtin_copysignf(amount, cell); }
template <class Rep, int8_t F>
Rep with_sign_of(fixed<Rep, F> cell, Rep amount) noexcept {
  return cell.raw < 0 ? static_cast<Rep>(-amount) : amount;
}

/// Has a cell left the range of its numbers? Then it says nothing any more, and no receiver would take it.
inline bool overflowed(float v) noexcept { return !is_finite(v); }
template <class Rep, int8_t F>
constexpr bool overflowed(fixed<Rep, F>) noexcept {
  return false;  // it saturates
}

/// An output at the end of its range cannot follow its gradient any further; the weights in front of it would, for ever.
/// So there a gradient that pushes outwards is none.
inline void hold_in_range(float, float&) noexcept {}
template <class Rep, int8_t F>
void hold_in_range(fixed<Rep, F> y, fixed<Rep, F>& dy) noexcept {
  if (dy.raw < 0 ? y.raw >= raw_range<Rep>::highest() : y.raw <= -raw_range<Rep>::highest()) dy.raw = 0;
}

/// The sign of a residual, as the wire has it.
inline bool is_negative(float v) noexcept { return v < 0; }
template <class Rep, int8_t F>
bool is_negative(fixed<Rep, F> v) noexcept {
  return v.raw < 0;
}

}  // namespace WEIR_ABI
}  // namespace weir
