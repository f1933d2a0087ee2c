// SPDX-License-Identifier: MIT
#pragma once

#include <weir/policy/observer.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// Nobody looks: no RAM, no code.
struct observe_nothing {
  template <index_t N>
  struct state {};

  template <class State>
  void emitted(State&, index_t) const noexcept {}
  template <class State, class Residual>
  void passed(State&, uint16_t, const gate_report&, const Residual&) const noexcept {}
};

}  // namespace WEIR_ABI
}  // namespace weir
