// EXPECT: weir: a convolution needs at least one output channel
// SPDX-License-Identifier: MIT
#include <weir/nn/convolution.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::conv1d<1, weir::window<3>> layer;
#else
typedef weir::conv1d<0, weir::window<3>> layer;
#endif
template struct weir::detail::require_layer<layer, weir::shape<6, 8>>;
