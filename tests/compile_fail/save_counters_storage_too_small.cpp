// EXPECT: weir: the storage is too small for the counters
// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

#if !defined(WEIR_EXPECT_ERROR)
constexpr size_t bytes = 26;
#else
constexpr size_t bytes = 25;
#endif
typedef weir::sequential<weir::input<4>, weir::dense<2>> net;  // 10 weights
struct room {
  static constexpr size_t size() noexcept { return bytes; }
  static void read(size_t, weir::bytes) noexcept {}
  static size_t write(size_t, weir::const_bytes) noexcept { return 0; }
  static bool done() noexcept { return true; }
};
typedef weir::pipeline<weir::sgd, weir::fixed_wt, weir::ternary, weir::loopback<64>, weir::accumulate_only,
                       weir::ternary, weir::save_counters<room>>
    pipe;
template class weir::worker<weir::fixed16<12>, net, weir::softmax_cross_entropy, pipe>;
