// EXPECT: weir: the weights' unit is 2^-F with F of at least 0
// SPDX-License-Identifier: MIT
#include <weir/core/number.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::fixed16<0> weights;
#else
typedef weir::fixed16<-1> weights;
#endif
static_assert(weir::number<weights>::weight_bytes() == 2, "");
