// EXPECT: weir: dense needs a flat input; the shape in front of it has more than one dimension
// SPDX-License-Identifier: MIT
#include <weir/nn/dense.hpp>
#include <weir/nn/sequential.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::input<64> input;
#else
typedef weir::input<8, 8> input;
#endif
static_assert(weir::sequential<input, weir::dense<10>>::parameters() == 650, "");
