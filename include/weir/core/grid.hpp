// SPDX-License-Identifier: MIT
// How a residual's cells and the values of a frame relate. A cell counts in units `divisor` times finer than a
// value: 1 for a float worker, 2^(finer bits) for a fixed-point worker, ranks / server step for the coordinator,
// whose residual holds sums and is never divided.
#pragma once

#include <weir/core/float_bits.hpp>
#include <weir/core/number.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// The units of a fixed-point grid, when they are known at run time only.
class grid_units {
 public:
  /// divisor: cells' units per weight unit; units_per_one: weight units per 1.0.
  grid_units(int32_t divisor, float units_per_one) noexcept : divisor_(divisor), units_per_one_(units_per_one) {}
  int32_t divisor() const noexcept { return divisor_; }
  float units_per_one() const noexcept { return units_per_one_; }

 private:
  int32_t divisor_;
  float units_per_one_;
};
/// And when the compiler knows them: weights count in 2^-Fraction, cells 2^Finer times finer.
template <int8_t Fraction, uint8_t Finer>
struct constant_grid_units {
  static constexpr int32_t divisor() noexcept { return static_cast<int32_t>(1) << Finer; }
  static constexpr float units_per_one() noexcept { return static_cast<float>(static_cast<uint64_t>(1) << Fraction); }
};

/// Cells of type `Cell`, wire values of type `Value`.
template <class Cell, class Value, class Units = grid_units>
class grid;

template <>
class grid<float, float, grid_units> {
 public:
  typedef float cell;
  typedef float value;

  explicit grid(float divisor) noexcept : divisor_(divisor) {}

  /// Wt, given in the scale of the weights, as a cell.
  float threshold(float wt) const noexcept { return wt * divisor_; }
  /// Wt, or the least that can be sent where that is more, or the most that a cell can hold where that is less; 0 stays 0.
  static float sendable(float wt) noexcept { return wt; }
  /// Sums of magnitudes.
  typedef float sum;
  static void add_magnitude(sum& s, float c) noexcept { s += magnitude(c); }
  /// As many make one sum; one over millions would lose what is small.
  static constexpr index_t exact_magnitudes() noexcept { return 2048; }
  /// A sum in the scale of the weights.
  float sum_units(sum s) const noexcept { return s / divisor_; }
  /// A value's magnitude in the scale of the weights.
  float weight_units_of(float v) const noexcept { return v; }
  /// The value of a whole cell.
  float whole(float c) const noexcept { return c / divisor_; }
  /// What a value is worth in cells.
  float cells(float v) const noexcept { return v * divisor_; }
  /// The largest magnitude up to v (but above 0) that a frame can carry in 16 bits and that some cell can hold: a bfloat16.
  float magnitude_of(float v) const noexcept {
    const uint16_t h = to_bfloat16(v);
    return from_bfloat16(!(v > 0) || h < 0x0080 ? 0x0080 : (h > 0x7f7f ? 0x7f7f : h));
  }
  /// The same of ratio * 2^-13 times a threshold.
  float magnitude_of(float threshold, uint16_t ratio) const noexcept {
    return magnitude_of(threshold / divisor_ * (static_cast<float>(ratio) * (1.0f / 8192.0f)));
  }
  /// That ratio, of cells as they are: how many times a threshold is their mean? A sum of integers, so the same in any order.
  class mean_ratio {
   public:
    explicit mean_ratio(float threshold) noexcept : per_cell_(8192.0f / threshold), sum_(0) {}
    /// 65,535 of them at most; 8 times the threshold and more is 8 times.
    void add(float c) noexcept {
      float share = magnitude(c) * per_cell_;
      share = share < 65535.0f ? share : 65535.0f;
      sum_ += static_cast<uint32_t>(static_cast<int32_t>(share));
    }
    /// 0: they are mostly 7 times and more.
    uint16_t mean(index_t hits) const noexcept {
      const uint32_t m = sum_ / hits;
      return static_cast<uint16_t>(m < 57344 ? m : 0);
    }

   private:
    float per_cell_;
    uint32_t sum_;
  };
  /// Takes `amount`, given in cells, out of a cell.
  static void take(float& c, float amount) noexcept { c -= amount; }

 private:
  float divisor_;
};

template <class Rep, int8_t F, class Units>
class grid<fixed<Rep, F>, int32_t, Units> : Units {
  using Units::divisor;
  using Units::units_per_one;

 public:
  typedef fixed<Rep, F> cell;
  typedef int32_t value;

  explicit grid(const Units& units) noexcept : Units(units) {}

  /// At least one unit, unless wt is 0: less than that cannot be sent.
  cell threshold(float wt) const noexcept {
    if (!(wt > 0)) return cell::from_raw(0);
    const float raw = wt * cells_per_one();
    if (raw >= static_cast<float>(raw_range<Rep>::highest())) return cell::from_raw(raw_range<Rep>::highest());
    const int32_t nearest = static_cast<int32_t>(raw + 0.5f);
    return cell::from_raw(static_cast<Rep>(nearest < divisor() ? divisor() : nearest));
  }
  float sendable(float wt) const noexcept {
    const float least = 1.0f / units_per_one();
    const float most = static_cast<float>(raw_range<Rep>::highest()) / cells_per_one();
    return wt > most ? most : (wt > 0 && wt < least ? least : wt);
  }
  /// Exact, for exact_magnitudes() cells.
  typedef typename conditional<sizeof(Rep) == 4, uint64_t, uint32_t>::type sum;
  static void add_magnitude(sum& s, cell c) noexcept { s += static_cast<sum>(magnitude(c).raw); }
  static constexpr index_t exact_magnitudes() noexcept { return 0xffff; }
  float sum_units(sum s) const noexcept { return static_cast<float>(s) / cells_per_one(); }
  float weight_units_of(int32_t units) const noexcept { return static_cast<float>(units) / units_per_one(); }
  /// The whole units in a cell, towards zero: what is left keeps its sign, and nothing can overflow.
  int32_t whole(cell c) const noexcept { return static_cast<int32_t>(c.raw) / divisor(); }
  /// units of a value that a cell can hold.
  Rep cells(int32_t units) const noexcept { return static_cast<Rep>(units * divisor()); }
  /// Whole units, at least 1, at most 65,535 and what a cell can hold.
  int32_t magnitude_of(float v) const noexcept {
    const float most = static_cast<float>(most_units());
    const float units = v * units_per_one() + 0.5f;
    if (!(units >= 1)) return 1;
    return units >= most ? most_units() : static_cast<int32_t>(units);
  }
  int32_t magnitude_of(cell threshold, uint16_t ratio) const noexcept {
    const sum units = (((static_cast<sum>(threshold.raw) * ratio) >> 13) + static_cast<sum>(divisor() / 2)) /
                      static_cast<sum>(divisor());
    return units < static_cast<sum>(most_units()) ? (units < 1 ? 1 : static_cast<int32_t>(units)) : most_units();
  }
  class mean_ratio {
   public:
    explicit mean_ratio(cell threshold) noexcept : threshold_(threshold), sum_(0) {}
    void add(cell c) noexcept { add_magnitude(sum_, c); }
    uint16_t mean(index_t hits) const noexcept {
      const sum m = ((sum_ / hits) << 13) / static_cast<sum>(threshold_.raw);
      return static_cast<uint16_t>(m < 57344 ? m : 0);
    }

   private:
    cell threshold_;
    sum sum_;
  };
  /// amount is what cells() gave for no more than this cell's own magnitude, or has its sign: nothing can overflow.
  static void take(cell& c, Rep amount) noexcept { c.raw = static_cast<Rep>(c.raw - amount); }

 private:
  float cells_per_one() const noexcept { return units_per_one() * static_cast<float>(divisor()); }
  int32_t most_units() const noexcept {
    const int32_t most = static_cast<int32_t>(raw_range<Rep>::highest()) / divisor();
    return most > 65535 ? 65535 : (most < 1 ? 1 : most);
  }
};

/// The grid of a worker's residual.
template <class Number>
struct worker_grid;
template <>
struct worker_grid<number<float>> {
  typedef grid<float, float> type;
  static type make() noexcept { return type(1.0f); }
};
template <class Rep, int8_t F, class ResidualRep, int8_t ResidualF>
struct worker_grid<number<numbers<fixed<Rep, F>, fixed<ResidualRep, ResidualF>>>> {
  typedef constant_grid_units<F, ResidualF - F> units;
  typedef grid<fixed<ResidualRep, ResidualF>, int32_t, units> type;
  static type make() noexcept { return type(units()); }
};
template <class Rep, int8_t F>
struct worker_grid<number<fixed<Rep, F>>> : worker_grid<number<numbers<fixed<Rep, F>, fixed<int16_t, F + 6>>>> {};

/// The grid of a coordinator's residual: sums of values, `divisor` of them to one value of a broadcast.
inline grid<float, float> aggregate_grid(float, uint32_t divisor) noexcept {
  return grid<float, float>(static_cast<float>(divisor));
}
template <class Rep, int8_t F>
grid<fixed<int32_t, 0>, int32_t> aggregate_grid(fixed<Rep, F>, uint32_t divisor) noexcept {
  return grid<fixed<int32_t, 0>, int32_t>(grid_units(static_cast<int32_t>(divisor), fixed<Rep, F>::one()));
}

/// Adds `gain` times a received value to a cell of the coordinator's residual; false if it had to saturate.
inline bool add_value(float& cell, float value, uint16_t gain) noexcept {
  cell += value * static_cast<float>(gain);
  return true;
}
inline bool add_value(fixed<int32_t, 0>& cell, int32_t value, uint16_t gain) noexcept {
  const int64_t sum = cell.raw + static_cast<int64_t>(value) * gain;
  cell.raw = saturate<int32_t>(sum);
  return cell.raw == sum;
}

}  // namespace WEIR_ABI
}  // namespace weir
