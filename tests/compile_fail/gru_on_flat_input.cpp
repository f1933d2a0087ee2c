// EXPECT: weir: a recurrent layer needs steps of features in front of it: input<64, 9> is 64 steps of 9 numbers
// SPDX-License-Identifier: MIT
#include <weir/nn/gru.hpp>
#include <weir/nn/sequential.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::input<1, 9> input;
#else
typedef weir::input<9> input;
#endif
static_assert(weir::sequential<input, weir::gru<4>>::outputs() == 4, "");
