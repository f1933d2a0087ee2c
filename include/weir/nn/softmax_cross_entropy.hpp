// SPDX-License-Identifier: MIT
#pragma once

#include <weir/kernel/largest.hpp>
#include <weir/nn/fixed_math.hpp>
#include <weir/policy/loss.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// -log(softmax(y)[label]). The target is the class, in [0, n); a class beyond has probability 0 and no hit.
/// In fixed point the gradient takes integers only; the value is a float, for people.
struct softmax_cross_entropy {
  template <class A>
  using target = index_t;

  template <class A>
  static float value(const A* y, index_t n, index_t label) noexcept {
    if (label >= n) return INFINITY;
    const float top = to_float(y[kernel::largest(y, n)]);
    float sum = 0;
    for (index_t i = 0; i < n; ++i) sum += expf(to_float(y[i]) - top);
    return logf(sum) - (to_float(y[label]) - top);
  }

  static void gradient(const float* y, index_t n, index_t label, float* dy) noexcept {
    const float top = y[kernel::largest(y, n)];
    float sum = 0;
    for (index_t i = 0; i < n; ++i) sum += dy[i] = expf(y[i] - top);
    const float inverse = 1.0f / sum;
    for (index_t i = 0; i < n; ++i) dy[i] = dy[i] * inverse - (i == label ? 1.0f : 0.0f);
  }

  template <class Rep, int8_t F>
  static void gradient(const fixed<Rep, F>* y, index_t n, index_t label, fixed<Rep, F>* dy) noexcept {
    static_assert(sizeof(Rep) <= 2 && F <= 15, "weir: fixed-point softmax takes 8- or 16-bit outputs");
    const Rep top = y[kernel::largest(y, n)].raw;
    uint32_t sum = 0;
    for (index_t i = 0; i < n; ++i) {
      const uint16_t e = exponential(top, y[i]);
      sum += e;
      if (sizeof(Rep) == 2) dy[i].raw = static_cast<Rep>(e);
    }
    // One division: 2^31 / sum has 16 bits, since the sum is 2^15 at least. Off by less than 2^(F - 17) units.
    const uint32_t ratio = (UINT32_C(0x80000000) + sum / 2) / sum;
    const uint16_t inverse = static_cast<uint16_t>(ratio > 0xffff ? 0xffff : ratio);
    for (index_t i = 0; i < n; ++i) {
      const uint16_t e = sizeof(Rep) == 2 ? static_cast<uint16_t>(dy[i].raw) : exponential(top, y[i]);
      const uint32_t p = (static_cast<uint32_t>(e) * inverse + (UINT32_C(1) << (30 - F))) >> (31 - F);
      const int32_t one = i == label ? static_cast<int32_t>(1) << F : 0;
      dy[i].raw = saturate<Rep>(static_cast<int32_t>(p) - one);
    }
  }

  template <class A>
  static bool hit(const A* y, index_t n, index_t label) noexcept {
    return kernel::largest(y, n) == label;
  }

 private:
  template <class Rep, int8_t F>
  static uint16_t exponential(Rep top, fixed<Rep, F> y) noexcept {
    return detail::exp_minus(static_cast<uint16_t>(static_cast<int32_t>(top) - y.raw), static_cast<uint8_t>(F));
  }
};

}  // namespace WEIR_ABI
}  // namespace weir
