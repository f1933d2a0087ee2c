// EXPECT: weir: window<...>, stride<...>, padding<...> and dilation<...> of a convolution need one number for each axis: conv1d one, conv2d two (height, width), conv3d three (time, height, width)
// SPDX-License-Identifier: MIT
#include <weir/nn/convolution.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::conv2d<2, weir::window<3, 3>, weir::stride<2, 2>> layer;
#else
typedef weir::conv2d<2, weir::window<3, 3>, weir::stride<2>> layer;
#endif
template struct weir::detail::require_layer<layer, weir::shape<3, 8, 8>>;
