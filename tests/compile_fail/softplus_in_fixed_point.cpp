// EXPECT: weir: softplus needs floats; in fixed point take relu, elu or hard_swish
// SPDX-License-Identifier: MIT
#include <weir/nn/smooth_activation.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef float number;
#else
typedef weir::fixed16<12> number;
#endif
number run(number x) { return weir::softplus::value(x); }
