// EXPECT: weir: FrameBytes must be at least 48, or a frame could be too small for one weight
// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

#if !defined(WEIR_EXPECT_ERROR)
constexpr size_t frame_bytes = 48;
#else
constexpr size_t frame_bytes = 40;
#endif
typedef weir::sequential<weir::input<4>, weir::dense<2>> net;
typedef weir::downlink<weir::ternary, weir::mean, weir::fixed_wt> link;
weir::coordinator<float, net, link, 4, frame_bytes> c;
