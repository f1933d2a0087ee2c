// EXPECT: weir: window<...>, stride<...> and dilation<...> are made of numbers of at least 1
// SPDX-License-Identifier: MIT
#include <weir/nn/convolution.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::conv1d<4, weir::window<3>, weir::stride<1>> layer;
#else
typedef weir::conv1d<4, weir::window<3>, weir::stride<0>> layer;
#endif
template struct weir::detail::require_layer<layer, weir::shape<6, 8>>;
