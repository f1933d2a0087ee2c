// SPDX-License-Identifier: MIT
#pragma once

#include <weir/policy/local.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// K batches that move a copy of the weights, which is dropped at the end of the round, while the same updates gather
/// in the residual (local SGD with error feedback). In fixed point the copy rounds by chance, because many updates are less
/// than its unit. RAM: one weight array, and 4 bytes in fixed point.
struct local_steps {
  uint16_t steps;

  constexpr explicit local_steps(uint16_t steps_) noexcept : steps(steps_) {}
  static constexpr bool moves() noexcept { return true; }
  template <class Number, index_t N>
  struct state {
    typename number<Number>::weight local_weights[N];
  };
};

}  // namespace WEIR_ABI
}  // namespace weir
