// EXPECT: weir: this convolution has more weights than index_t can count on this machine
// SPDX-License-Identifier: MIT
#include <weir/nn/convolution.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::conv1d<10000, weir::window<1000>> layer;
#else
typedef weir::conv1d<100000, weir::window<1000>> layer;
#endif
template struct weir::detail::require_layer<layer, weir::shape<100, 1000>>;
