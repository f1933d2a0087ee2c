// EXPECT: weir: only float residuals are folded by several threads
// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

struct threads {
  static constexpr bool concurrent() noexcept { return true; }
  template <class Task>
  void run(uint8_t count, Task&& task) const noexcept {
    weir::in_turn().run(count, task);
  }
};
#if !defined(WEIR_EXPECT_ERROR)
typedef float number;
#else
typedef weir::fixed16<12> number;
#endif
typedef weir::sequential<weir::input<4>, weir::dense<2>> net;
typedef weir::pipeline<weir::sgd, weir::fixed_wt, weir::segmented<weir::ternary, 2, threads>, weir::loopback<100>> pipe;
template class weir::worker<number, net, weir::softmax_cross_entropy, pipe, 1, 100>;
