// EXPECT: weir: weights are floats or have 8 or 16 bits: fixed16<F>, fixed8<F>
// SPDX-License-Identifier: MIT
#include <weir/core/number.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::numbers<weir::fixed16<12>, weir::fixed<int32_t, 20>> formats;  // a residual may
#else
typedef weir::numbers<weir::fixed<int32_t, 12>, weir::fixed<int32_t, 20>> formats;
#endif
static_assert(weir::number<formats>::unit() == 13, "");
