// EXPECT: weir: this window reaches farther than index_t can count on this machine
// SPDX-License-Identifier: MIT
#include <weir/nn/convolution.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::conv1d<4, weir::window<3>, weir::padding<1000>> layer;
#else
typedef weir::conv1d<4, weir::window<3>, weir::padding<2000000000>> layer;
#endif
template struct weir::detail::require_layer<layer, weir::shape<6, 8>>;
