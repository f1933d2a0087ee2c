// SPDX-License-Identifier: MIT
// Saturating fixed-point numbers. All results are exact integers, the same on every platform.
#pragma once

#include <string.h>

#include <weir/core/meta.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// The range of a signed integer type, symmetric, so that negation never overflows.
template <class Rep>
struct raw_range {
  static constexpr Rep highest() noexcept {
    return static_cast<Rep>((static_cast<uint64_t>(1) << (sizeof(Rep) * 8 - 1)) - 1);
  }
};

/// v, or the nearest end of Rep's symmetric range.
template <class Rep, class Wide>
constexpr Rep saturate(Wide v) noexcept {
  return v > raw_range<Rep>::highest()    ? raw_range<Rep>::highest()
         : v < -raw_range<Rep>::highest() ? static_cast<Rep>(-raw_range<Rep>::highest())
                                          : static_cast<Rep>(v);
}

/// v / 2^shift, rounded to the nearest, halves up; shift in [0, 62]. Compilers that weir knows shift signs in.
template <class Wide>
constexpr Wide round_shift(Wide v, uint8_t shift) noexcept {
  return shift == 0 ? v : static_cast<Wide>(((v >> (shift - 1)) + 1) >> 1);
}

/// raw * 2^-Fraction, saturating at both ends (symmetric). No default value: arrays of it are all-zero storage.
template <class Rep, int8_t Fraction>
struct fixed {
  typedef Rep rep;
  Rep raw;

  fixed() = default;
  /// The nearest representable number; not a number gives zero.
  explicit fixed(float v) noexcept : raw(nearest(v * one())) {}

  static fixed from_raw(Rep r) noexcept {
    fixed f;
    f.raw = r;
    return f;
  }
  static constexpr int8_t fraction() noexcept { return Fraction; }
  /// 1.0 in units of the last place.
  static constexpr float one() noexcept { return static_cast<float>(static_cast<uint64_t>(1) << Fraction); }

  explicit operator float() const noexcept { return static_cast<float>(raw) * (1.0f / one()); }

  friend fixed operator+(fixed a, fixed b) noexcept { return from_raw(saturate<Rep>(wide(a.raw) + b.raw)); }
  friend fixed operator-(fixed a, fixed b) noexcept { return from_raw(saturate<Rep>(wide(a.raw) - b.raw)); }
  friend fixed operator-(fixed a) noexcept { return from_raw(saturate<Rep>(-wide(a.raw))); }
  /// Rounded to the nearest.
  friend fixed operator*(fixed a, fixed b) noexcept {
    typedef typename conditional<sizeof(Rep) == 4, int64_t, int32_t>::type product;
    return from_raw(saturate<Rep>(
        round_shift(static_cast<product>(static_cast<product>(a.raw) * b.raw), static_cast<uint8_t>(Fraction))));
  }
  friend bool operator==(fixed a, fixed b) noexcept { return a.raw == b.raw; }
  friend bool operator!=(fixed a, fixed b) noexcept { return a.raw != b.raw; }
  friend bool operator<(fixed a, fixed b) noexcept { return a.raw < b.raw; }

 private:
  typedef typename conditional<sizeof(Rep) == 4, int64_t, int32_t>::type wide_type;
  static constexpr wide_type wide(Rep r) noexcept { return r; }
  static Rep nearest(float v) noexcept {
    const float most = static_cast<float>(raw_range<Rep>::highest());
    if (!(v > -most)) return v != v ? Rep(0) : static_cast<Rep>(-raw_range<Rep>::highest());
    if (v >= most) return raw_range<Rep>::highest();
    return static_cast<Rep>(v < 0 ? v - 0.5f : v + 0.5f);
  }
};

/// Any number as a float.
inline float to_float(float v) noexcept { return v; }
template <class Rep, int8_t F>
float to_float(fixed<Rep, F> v) noexcept {
  return static_cast<float>(v);
}

template <int8_t Fraction>
using fixed16 = fixed<int16_t, Fraction>;
template <int8_t Fraction>
using fixed8 = fixed<int8_t, Fraction>;

/// A factor for fixed-point numbers with 15 significant bits: mantissa * 2^-exponent. Where a learning rate or
/// a mean needs more range than a fixed-point format has.
struct fixed_scale {
  int16_t mantissa;
  int8_t exponent;

  /// The nearest factor to v, by its bits; too small for an exponent of 100 is zero.
  static fixed_scale of(float v) noexcept {
    uint32_t u;
    memcpy(&u, &v, sizeof u);
    const int16_t e = static_cast<int16_t>((u >> 23) & 0xff);
    fixed_scale s = {0, 0};
    if (e <= 41 || e == 0xff) return s;
    uint32_t m = (u & UINT32_C(0x7fffff)) | UINT32_C(0x800000);  // 24 bits: v = m * 2^(e - 150)
    m = (m + 0x100) >> 9;
    int16_t shift = static_cast<int16_t>(141 - e);
    if (m == 0x8000) m = 0x4000, shift = static_cast<int16_t>(shift - 1);
    s.mantissa = static_cast<int16_t>((u >> 31) != 0 ? -static_cast<int32_t>(m) : static_cast<int32_t>(m));
    s.exponent = static_cast<int8_t>(shift < -100 ? -100 : shift);
    return s;
  }

  /// This factor times x, with 15 significant bits.
  template <class Rep, int8_t Fraction>
  fixed_scale times(fixed<Rep, Fraction> x) const noexcept {
    static_assert(sizeof(Rep) <= 2, "weir: a fixed_scale multiplies 8- and 16-bit numbers");
    int32_t p = static_cast<int32_t>(mantissa) * x.raw;
    uint32_t rest = static_cast<uint32_t>(p < 0 ? -p : p);
    uint8_t shift = 0;
    if (rest > 0x7fffff) rest >>= 8, shift = 8;
    for (; rest > 0x7fff; rest >>= 1) ++shift;
    p = round_shift<int32_t>(p, shift);
    if (p == 0x8000 || p == -0x8000) p /= 2, ++shift;
    const fixed_scale s = {static_cast<int16_t>(p), static_cast<int8_t>(exponent + Fraction - shift)};
    return s;
  }
};

/// A fixed_scale made ready for many numbers of type `Row`: 24 bits, in units of 2^-8 cells for each unit of an 8-bit row,
/// of 2^-16 for a 16-bit one, so that an 8-bit machine shifts by whole bytes. Its rounding adds at most a quarter of a
/// cell to a product.
template <class Row>
struct row_factor {
  int32_t units;
  bool clamped;  ///< the factor was beyond 2^15 cells (8 bits) or 2^7 cells (16 bits) for each unit

  /// Rows count in units of 2^-from, cells in units of 2^-to.
  row_factor(fixed_scale s, int8_t from, int8_t to) noexcept : units(s.mantissa), clamped(false) {
    static_assert(sizeof(Row) <= 2, "weir: rows have 8 or 16 bits");
    const int16_t shift = static_cast<int16_t>(s.exponent + from - to - static_cast<int16_t>(8 * sizeof(Row)));
    if (shift >= 0) {
      units = shift > 15 ? 0 : round_shift<int32_t>(units, static_cast<uint8_t>(shift));
      return;
    }
    const int32_t most = 0x7fffff;
    const int32_t fits = shift < -22 ? 0 : most >> -shift;
    if (units > fits || units < -fits) {
      units = units < 0 ? -most : most;
      clamped = true;
    } else if (units != 0) {
      units = units * (static_cast<int32_t>(1) << -shift);
    }
  }

  /// Cells in x rows' units, rounded to the nearest: below 2^22.
  int32_t of(int8_t x) const noexcept { return (units * x + 0x80) >> 8; }
  int32_t of(int16_t x) const noexcept {  // in two halves: the whole product has 39 bits
    const int32_t high = (units >> 8) * x;
    const int32_t low = (units & 0xff) * x;
    return (high + ((low + 0x8000) >> 8)) >> 8;
  }
};

}  // namespace WEIR_ABI
}  // namespace weir
