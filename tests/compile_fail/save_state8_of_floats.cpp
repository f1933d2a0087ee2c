// EXPECT: weir: only a fixed-point residual can be saved in 8 bits
// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::fixed16<12> number;
#else
typedef float number;
#endif
typedef weir::sequential<weir::input<4>, weir::dense<2>> net;  // 10 weights
struct room {
  static constexpr size_t size() noexcept { return 4096; }
  static void read(size_t, weir::bytes) noexcept {}
  static size_t write(size_t, weir::const_bytes) noexcept { return 0; }
  static bool done() noexcept { return true; }
};
typedef weir::pipeline<weir::sgd, weir::fixed_wt, weir::ternary, weir::loopback<64>, weir::accumulate_only,
                       weir::ternary, weir::save_state8<room>>
    pipe;
template class weir::worker<number, net, weir::softmax_cross_entropy, pipe>;
