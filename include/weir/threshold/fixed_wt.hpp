// SPDX-License-Identifier: MIT
#pragma once

#include <weir/policy/threshold.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// The same Wt for ever (Strom 2015; the best sparsifier for a total budget: Sahu et al., NeurIPS 2021).
struct fixed_wt {
  float wt;  ///< in the scale of the weights, > 0

  constexpr explicit fixed_wt(float wt_) noexcept : wt(wt_) {}

  struct state {};
  static constexpr bool may_be_zero() noexcept { return false; }
  template <class Mean>
  float next(state&, const gate_report&, Mean&&) const noexcept {
    return wt;
  }
};

}  // namespace WEIR_ABI
}  // namespace weir
