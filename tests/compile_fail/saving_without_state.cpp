// EXPECT: weir: Saving needs `template <class Number, index_t N, size_t FrameBytes> struct state`
// SPDX-License-Identifier: MIT
#include <weir/policy/saving.hpp>

struct bad {
  static constexpr weir::recovery most() { return weir::recovery::nothing; }
  size_t room() const { return 0; }
#if !defined(WEIR_EXPECT_ERROR)
  template <class Number, weir::index_t N, size_t FrameBytes>
  struct state {};
#endif
  template <class Number, weir::index_t N, size_t FrameBytes>
  static constexpr size_t bytes() {
    return 0;
  }
  template <class State, class Life>
  weir::recovery restore(State&, uint32_t, Life&) {
    return weir::recovery::nothing;
  }
  template <class State, class Life>
  bool ready(State&, const Life&) {
    return true;
  }
};
template struct weir::detail::require_saving<bad>;
