// EXPECT: weir: Ring must be a power of two, because round numbers wrap
// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

#if !defined(WEIR_EXPECT_ERROR)
constexpr uint8_t ring = 2;
#else
constexpr uint8_t ring = 3;
#endif
typedef weir::sequential<weir::input<4>, weir::dense<2>> net;
typedef weir::downlink<weir::ternary, weir::mean, weir::fixed_wt> link;
weir::coordinator<float, net, link, 4, 64, ring> c;
