// EXPECT: weir: options of a convolution are window<...>, stride<...>, padding<...> or same, dilation<...>, groups<N>, and how weights begin: he_uniform, xavier_uniform
// SPDX-License-Identifier: MIT
#include <weir/nn/convolution.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::conv1d<2, weir::window<3>> layer;
#else
typedef weir::conv1d<2, weir::window<3>, weir::shape<3>> layer;
#endif
template struct weir::detail::require_layer<layer, weir::shape<3, 8>>;
