// EXPECT: weir: the window, spread by its dilation, is larger than the padded input
// SPDX-License-Identifier: MIT
#include <weir/nn/convolution.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::conv1d<4, weir::window<3>, weir::dilation<4>, weir::padding<1>> layer;
#else
typedef weir::conv1d<4, weir::window<3>, weir::dilation<4>> layer;
#endif
template struct weir::detail::require_layer<layer, weir::shape<6, 8>>;
