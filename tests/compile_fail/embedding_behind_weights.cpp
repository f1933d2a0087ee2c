// EXPECT: weir: frozen layers and embeddings have no gradient for what is in front of them: put them before the first layer with weights
// SPDX-License-Identifier: MIT
#include <weir/nn/activation.hpp>
#include <weir/nn/dense.hpp>
#include <weir/nn/embedding.hpp>
#include <weir/nn/sequential.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::sequential<weir::input<4>, weir::relu, weir::embedding<10, 3>> net;
#else
typedef weir::sequential<weir::input<4>, weir::dense<4>, weir::embedding<10, 3>> net;
#endif
static_assert(net::outputs() == 12, "");
