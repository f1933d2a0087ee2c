// SPDX-License-Identifier: MIT
#pragma once

#include <weir/policy/optimizer.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// Any optimizer, without momentum factor masking: the velocity of an emitted coordinate goes on. Masking keeps what is
/// stale from being repeated; where workers see different data, or send often, it takes from the mean what it needs.
template <class Optimizer>
struct unmasked : Optimizer {
  constexpr explicit unmasked(Optimizer optimizer) noexcept : Optimizer(optimizer) {}

  template <class State>
  void forget(State&, index_t) const noexcept {}
};

}  // namespace WEIR_ABI
}  // namespace weir
