// EXPECT: weir: a number format is float, fixed16<F>, fixed8<F> or numbers<weights, residual>
// SPDX-License-Identifier: MIT
#include <weir/core/number.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::numbers<weir::fixed8<5>, weir::fixed8<9>> formats;
#else
typedef weir::numbers<weir::fixed8<5>, float> formats;
#endif
static_assert(weir::number<formats>::weight_bytes() == 1, "");
