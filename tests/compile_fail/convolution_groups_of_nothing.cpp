// EXPECT: weir: groups<N> with N of at least 1
// SPDX-License-Identifier: MIT
#include <weir/nn/convolution.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::conv1d<4, weir::window<3>, weir::groups<1>> layer;
#else
typedef weir::conv1d<4, weir::window<3>, weir::groups<0>> layer;
#endif
template struct weir::detail::require_layer<layer, weir::shape<6, 8>>;
