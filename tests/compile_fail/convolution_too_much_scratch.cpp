// EXPECT: weir: this convolution needs more scratch than index_t can count on this machine
// SPDX-License-Identifier: MIT
#include <weir/nn/convolution.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::conv1d<1, weir::window<3000>, weir::padding<1500>> layer;
#else
typedef weir::conv1d<1, weir::window<3000>, weir::padding<1000000>> layer;
#endif
template struct weir::detail::require_layer<layer, weir::shape<2, 3000>>;
