// SPDX-License-Identifier: MIT
#pragma once

#include <weir/policy/saving.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// A reset loses everything: the residual and a frame in flight are written off, the coordinator tells where the sequence
/// stands, the weights come as a snapshot. Costs nothing.
struct save_nothing {
  static constexpr recovery most() noexcept { return recovery::nothing; }
  static constexpr size_t room() noexcept { return 0; }

  template <class Number, index_t N, size_t FrameBytes>
  struct state {};
  template <class Number, index_t N, size_t FrameBytes>
  static constexpr size_t bytes() noexcept {
    return 0;
  }
  template <class State, class Life>
  static recovery restore(State&, uint32_t, Life&) noexcept {
    return recovery::nothing;
  }
  template <class State, class Life>
  static bool ready(State&, const Life&) noexcept {
    return true;
  }
};

}  // namespace WEIR_ABI
}  // namespace weir
