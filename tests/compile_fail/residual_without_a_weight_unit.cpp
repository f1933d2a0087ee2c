// EXPECT: weir: the residual must have room for at least one unit of the weights
// SPDX-License-Identifier: MIT
#include <weir/core/number.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::numbers<weir::fixed16<12>, weir::fixed8<18>> formats;  // 127 of 2^-18: one weight unit, and 63 more
#else
typedef weir::numbers<weir::fixed16<12>, weir::fixed8<19>> formats;
#endif
static_assert(weir::number<formats>::unit() == 13, "");
