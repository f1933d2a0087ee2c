// EXPECT: weir: FrameBytes must be at least 48, or a frame could be too small for one weight
// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

#if !defined(WEIR_EXPECT_ERROR)
constexpr size_t frame_bytes = 48;
#else
constexpr size_t frame_bytes = 47;
#endif
typedef weir::sequential<weir::input<4>, weir::dense<2>> net;
typedef weir::pipeline<weir::sgd, weir::fixed_wt, weir::ternary, weir::loopback<64>> pipe;
template class weir::worker<float, net, weir::softmax_cross_entropy, pipe, 1, frame_bytes>;
