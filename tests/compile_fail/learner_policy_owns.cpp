// EXPECT: weir: policies are plain values, copied by memcpy; let one that owns something hold a pointer to it
// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

struct owner : weir::always {
#if defined(WEIR_EXPECT_ERROR)
  owner(const owner&) {}
#endif
  owner() = default;
};
typedef weir::sequential<weir::input<4>, weir::dense<2>> net;
weir::learner<float, net, weir::softmax_cross_entropy, weir::sgd, owner> l;
