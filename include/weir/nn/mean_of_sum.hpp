// SPDX-License-Identifier: MIT
// Means, and their way back.
#pragma once

#include <weir/nn/sum_of.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// A sum divided by a count, rounded to the nearest, halves up.
template <class A>
struct mean_of_sum {
  template <uint32_t Terms>
  static float of(const plain_sum<float, Terms>& sum, index_t count) noexcept {
    return sum.sum / static_cast<float>(count);
  }
};
template <class A, int8_t FA>
struct mean_of_sum<fixed<A, FA>> {
  template <class X, int8_t FX, uint32_t Terms>
  static fixed<A, FA> of(const plain_sum<fixed<X, FX>, Terms>& sum, index_t count) noexcept {
    constexpr uint8_t Up = FA > FX ? FA - FX : 0, Down = FA > FX ? 0 : FX - FA;
    typedef typename conditional<(8 * sizeof(X) + Up + Down < 32 &&
                                  Terms < (UINT32_C(1) << (31 - (8 * sizeof(X) + Up + Down)))),
                                 int32_t, int64_t>::type wide;
    const wide divisor = static_cast<wide>(static_cast<wide>(count) << Down);
    const wide above = static_cast<wide>(static_cast<wide>(sum.sum) * (static_cast<wide>(1) << Up) + divisor / 2);
    const wide quotient = above / divisor;
    return fixed<A, FA>::from_raw(saturate<A>(static_cast<wide>(above < quotient * divisor ? quotient - 1 : quotient)));
  }
};

/// Shares dy out among `count` cells: in fixed point in units, so that all of it arrives, and each cell gets the mean to
/// within one unit.
template <class A>
struct shares {
  shares(float dy, index_t count) noexcept : each(dy / static_cast<float>(count)) {}
  float next() noexcept { return each; }
  float each;
};
template <class A, int8_t FA>
struct shares<fixed<A, FA>> {
  shares(fixed<A, FA> dy, index_t count_) noexcept : count(static_cast<int32_t>(count_)), owed(count / 2) {
    each = dy.raw / count;
    rest = dy.raw % count;
    if (rest < 0) rest += count, --each;
  }
  fixed<A, FA> next() noexcept {
    owed += rest;
    const bool more = owed >= count;
    if (more) owed -= count;
    return fixed<A, FA>::from_raw(static_cast<A>(more ? each + 1 : each));
  }
  int32_t count, owed, each, rest;
};

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
