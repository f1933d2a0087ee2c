// SPDX-License-Identifier: MIT
#pragma once

#include <weir/core/fixed.hpp>
#include <weir/kernel/largest.hpp>
#include <weir/policy/loss.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// One-against-all hinge: the sum over the outputs of max(0, 1 - s y), where s = +1 for the labelled output and -1 for
/// the others. With one output, labels are 1 (s = +1) and 0 (s = -1), and a hit is the right sign.
struct hinge {
  template <class A>
  using target = index_t;

  template <class A>
  static float value(const A* y, index_t n, index_t label) noexcept {
    float sum = 0;
    for (index_t i = 0; i < n; ++i) {
      const float v = to_float(y[i]);
      const float margin = 1.0f - (positive(i, n, label) ? v : -v);
      if (margin > 0) sum += margin;
    }
    return sum;
  }

  template <class A>
  static void gradient(const A* y, index_t n, index_t label, A* dy) noexcept {
    const A one = A(1.0f);
    for (index_t i = 0; i < n; ++i) {
      const bool up = positive(i, n, label);
      const bool inside = (up ? y[i] : -y[i]) < one;
      dy[i] = inside ? (up ? -one : one) : A();
    }
  }

  template <class A>
  static bool hit(const A* y, index_t n, index_t label) noexcept {
    return n == 1 ? (A() < y[0]) == (label == 1) : kernel::largest(y, n) == label;
  }

 private:
  static bool positive(index_t i, index_t n, index_t label) noexcept { return n == 1 ? label == 1 : i == label; }
};

}  // namespace WEIR_ABI
}  // namespace weir
