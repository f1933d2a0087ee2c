// SPDX-License-Identifier: MIT
#pragma once

#include <math.h>

#include <weir/nn/hinge.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// Crammer and Singer, JMLR 2001: max(0, 1 + the largest of the other outputs - the labelled one). At most two outputs have a
/// gradient. A label beyond the outputs has an infinite loss, no gradient and no hit. With one output this is `hinge`.
struct multiclass_hinge {
  template <class A>
  using target = index_t;

  template <class A>
  static float value(const A* y, index_t n, index_t label) noexcept {
    if (n == 1) return hinge::value(y, n, label);
    if (label >= n) return INFINITY;
    const float margin = 1.0f + to_float(y[rival(y, n, label)]) - to_float(y[label]);
    return margin > 0 ? margin : 0;
  }

  template <class A>
  static void gradient(const A* y, index_t n, index_t label, A* dy) noexcept {
    if (n == 1) return hinge::gradient(y, n, label, dy);
    for (index_t i = 0; i < n; ++i) dy[i] = A();
    if (label >= n) return;
    const A one = A(1.0f);
    const index_t other = rival(y, n, label);
    if (!(y[label] - y[other] < one)) return;
    dy[label] = -one;
    dy[other] = one;
  }

  template <class A>
  static bool hit(const A* y, index_t n, index_t label) noexcept {
    return n == 1 ? hinge::hit(y, n, label) : kernel::largest(y, n) == label;
  }

 private:
  /// The largest output but the labelled one, the first of equals; n > 1.
  template <class A>
  static index_t rival(const A* y, index_t n, index_t label) noexcept {
    index_t best = label == 0 ? 1 : 0;
    for (index_t i = best; i < n; ++i)
      if (i != label && y[best] < y[i]) best = i;
    return best;
  }
};

}  // namespace WEIR_ABI
}  // namespace weir
