// EXPECT: weir: the residual's unit must be as fine as the weights' or finer
// SPDX-License-Identifier: MIT
#include <weir/core/number.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::numbers<weir::fixed16<12>, weir::fixed16<12>> formats;
#else
typedef weir::numbers<weir::fixed16<12>, weir::fixed16<11>> formats;
#endif
static_assert(weir::number<formats>::unit() == 13, "");
