// EXPECT: weir: layers that normalize need floats: their statistics have no range that fixed point could keep to
// SPDX-License-Identifier: MIT
#include <weir/nn/batch_norm.hpp>
#include <weir/nn/sequential.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef float number;
#else
typedef weir::fixed16<12> number;
#endif
typedef weir::sequential<weir::input<4>, weir::batch_norm> net;
void run(const number* w, const number* x, number* space) { net::forward<1>(w, x, space); }
