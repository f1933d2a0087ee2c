// EXPECT: weir: FrameBytes must be at least 48 for each of the encoder's segments
// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::segmented<weir::ternary, 2> encoder;
#else
typedef weir::segmented<weir::ternary, 3> encoder;
#endif
typedef weir::sequential<weir::input<4>, weir::dense<2>> net;
typedef weir::downlink<weir::ternary, weir::mean, weir::fixed_wt, encoder> link;
template class weir::coordinator<float, net, link, 8, 100>;
