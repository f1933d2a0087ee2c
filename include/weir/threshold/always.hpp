// SPDX-License-Identifier: MIT
#pragma once

#include <weir/policy/threshold.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// No threshold: everything passes, every round. The dense baseline.
struct always {
  struct state {};
  static constexpr bool may_be_zero() noexcept { return true; }
  template <class Mean>
  float next(state&, const gate_report&, Mean&&) const noexcept {
    return 0.0f;
  }
};

}  // namespace WEIR_ABI
}  // namespace weir
