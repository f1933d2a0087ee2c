// SPDX-License-Identifier: MIT
#pragma once

#include <weir/policy/local.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// K batches at the weights of the last broadcast. RAM: none.
struct accumulate_only {
  uint16_t steps;

  constexpr explicit accumulate_only(uint16_t steps_ = 1) noexcept : steps(steps_) {}
  static constexpr bool moves() noexcept { return false; }
  template <class Number, index_t N>
  struct state {};
};

}  // namespace WEIR_ABI
}  // namespace weir
