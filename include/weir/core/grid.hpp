// SPDX-License-Identifier: MIT
// How a residual's cells and the values of a frame relate. A cell counts in units `divisor` times finer than a
// value: 1 for a float worker, 2^(finer bits) for a fixed-point worker, ranks / server step for the coordinator,
// whose residual holds sums and is never divided.
#pragma once

#include <weir/core/float_bits.hpp>
#include <weir/core/number.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// Cells of type `Cell`, wire values of type `Value`.
template <class Cell, class Value>
class grid;

template <>
class grid<float, float> {
 public:
  typedef float cell;
  typedef float value;

  explicit grid(float divisor) noexcept : divisor_(divisor) {}

  /// Wt, given in the scale of the weights, as a cell.
  float threshold(float wt) const noexcept { return wt * divisor_; }
  /// |c| in the scale of the weights.
  float weight_units(float c) const noexcept { return magnitude(c) / divisor_; }
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
  /// Takes `amount`, given in cells, out of a cell.
  static void take(float& c, float amount) noexcept { c -= amount; }

 private:
  float divisor_;
};

template <class Rep, int8_t F>
class grid<fixed<Rep, F>, int32_t> {
 public:
  typedef fixed<Rep, F> cell;
  typedef int32_t value;

  /// divisor: cells' units per weight unit; units_per_one: weight units per 1.0.
  grid(int32_t divisor, float units_per_one) noexcept : divisor_(divisor), units_per_one_(units_per_one) {}

  cell threshold(float wt) const noexcept {
    const float raw = wt * units_per_one_ * static_cast<float>(divisor_);
    const float most = static_cast<float>(raw_range<Rep>::highest());
    const float least = static_cast<float>(divisor_);  // one unit: less than it cannot be sent
    if (wt > 0 && raw < least) return cell::from_raw(saturate<Rep>(divisor_));
    return cell::from_raw(raw >= most ? raw_range<Rep>::highest() : static_cast<Rep>(raw + 0.5f));
  }
  float weight_units(cell c) const noexcept {
    return static_cast<float>(magnitude(c).raw) / (units_per_one_ * static_cast<float>(divisor_));
  }
  float weight_units_of(int32_t units) const noexcept { return static_cast<float>(units) / units_per_one_; }
  /// The whole units in a cell, towards zero: what is left keeps its sign, and nothing can overflow.
  int32_t whole(cell c) const noexcept { return static_cast<int32_t>(c.raw) / divisor_; }
  int32_t cells(int32_t units) const noexcept { return units * divisor_; }
  /// Whole units, at least 1, at most 65,535 and what a cell can hold.
  int32_t magnitude_of(float v) const noexcept {
    const float most = static_cast<float>(most_units());
    const float units = v * units_per_one_ + 0.5f;
    if (!(units >= 1)) return 1;
    return units >= most ? most_units() : static_cast<int32_t>(units);
  }
  /// amount is what cells() gave: a cell that stays within its range, as gate and encoder see to.
  static void take(cell& c, int32_t amount) noexcept { c.raw = saturate<Rep>(static_cast<int64_t>(c.raw) - amount); }

 private:
  int32_t most_units() const noexcept {
    const int32_t most = static_cast<int32_t>(raw_range<Rep>::highest()) / divisor_;
    return most > 65535 ? 65535 : (most < 1 ? 1 : most);
  }

  int32_t divisor_;
  float units_per_one_;
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
  typedef grid<fixed<ResidualRep, ResidualF>, int32_t> type;
  static type make() noexcept { return type(static_cast<int32_t>(1) << (ResidualF - F), fixed<Rep, F>::one()); }
};
template <class Rep, int8_t F>
struct worker_grid<number<fixed<Rep, F>>> : worker_grid<number<numbers<fixed<Rep, F>, fixed<int16_t, F + 6>>>> {};

/// The grid of a coordinator's residual: sums of values, `divisor` of them to one value of a broadcast.
inline grid<float, float> aggregate_grid(float, uint32_t divisor) noexcept {
  return grid<float, float>(static_cast<float>(divisor));
}
template <class Rep, int8_t F>
grid<fixed<int32_t, 0>, int32_t> aggregate_grid(fixed<Rep, F>, uint32_t divisor) noexcept {
  return grid<fixed<int32_t, 0>, int32_t>(static_cast<int32_t>(divisor), fixed<Rep, F>::one());
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
