// EXPECT: weir: groups<N> of a convolution must divide its input channels and its output channels
// SPDX-License-Identifier: MIT
#include <weir/nn/convolution.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::conv1d<4, weir::window<3>, weir::groups<2>> layer;
#else
typedef weir::conv1d<3, weir::window<3>, weir::groups<2>> layer;
#endif
template struct weir::detail::require_layer<layer, weir::shape<6, 8>>;
