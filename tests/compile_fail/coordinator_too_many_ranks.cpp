// EXPECT: weir: a coordinator has 1 to 16,384 ranks
// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

#if !defined(WEIR_EXPECT_ERROR)
constexpr uint16_t ranks = 16384;
#else
constexpr uint16_t ranks = 16385;
#endif
typedef weir::sequential<weir::input<4>, weir::dense<2>> net;
typedef weir::downlink<weir::ternary, weir::mean, weir::fixed_wt> link;
weir::coordinator<float, net, link, ranks> c;
