// EXPECT: weir: a model needs at least one layer behind its input
// SPDX-License-Identifier: MIT
#include <weir/nn/activation.hpp>
#include <weir/nn/sequential.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::sequential<weir::input<4>, weir::relu> net;
#else
typedef weir::sequential<weir::input<4>> net;
#endif
static_assert(net::outputs() == 4, "");
