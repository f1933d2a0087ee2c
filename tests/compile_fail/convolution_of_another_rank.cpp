// EXPECT: weir: conv1d needs an input of channels and length, conv2d of channels, height and width, conv3d of channels, time, height and width; the shape in front of it has another number of extents
// SPDX-License-Identifier: MIT
#include <weir/nn/convolution.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::conv2d<2, weir::window<3, 3>> layer;
#else
typedef weir::conv1d<2, weir::window<3>> layer;
#endif
template struct weir::detail::require_layer<layer, weir::shape<3, 8, 8>>;
