// EXPECT: weir: this layer needs a window: conv2d<6, window<5, 5>>, max_pool<window<2, 2>>
// SPDX-License-Identifier: MIT
#include <weir/nn/convolution.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::conv1d<2, weir::window<3>, weir::stride<2>> layer;
#else
typedef weir::conv1d<2, weir::stride<2>> layer;
#endif
template struct weir::detail::require_layer<layer, weir::shape<3, 8>>;
