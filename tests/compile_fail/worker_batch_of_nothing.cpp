// EXPECT: weir: a batch has at least one sample
// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

#if !defined(WEIR_EXPECT_ERROR)
constexpr weir::index_t batch = 1;
#else
constexpr weir::index_t batch = 0;
#endif
typedef weir::sequential<weir::input<4>, weir::dense<2>> net;
typedef weir::pipeline<weir::sgd, weir::fixed_wt, weir::ternary, weir::loopback<64>> pipe;
template class weir::worker<float, net, weir::softmax_cross_entropy, pipe, batch>;
