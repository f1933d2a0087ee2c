// SPDX-License-Identifier: MIT
// A gate with somebody who looks on.
#pragma once

#include <weir/policy/observer.hpp>
#include <weir/segmented_gate.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// gate(), with an observer. The other arguments are gate()'s own.
template <class Observer, class State, class Cell, class Grid, class Threshold, class Encoder, class Fold, class Forget>
size_t observed_gate(const Observer& observer, State& seen, uint16_t round_number, Cell* residual, index_t n,
                     const Grid& grid, const Threshold& threshold, const Encoder& encoder,
                     gate_state<Threshold, Encoder>& s, bytes out, Fold&& fold, Forget forget) noexcept {
  const size_t size = gate(residual, n, grid, threshold, encoder, s, out, fold,
                           detail::forget_and_tell<Observer, State, Forget>{observer, seen, forget});
  observer.passed(seen, round_number, s.report, detail::left_over<Cell, Grid>(residual, n, grid));
  return size;
}

}  // namespace WEIR_ABI
}  // namespace weir
