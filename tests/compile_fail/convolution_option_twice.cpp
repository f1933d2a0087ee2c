// EXPECT: weir: an option of this layer is given twice (padding<...> and same are one)
// SPDX-License-Identifier: MIT
#include <weir/nn/convolution.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::conv1d<2, weir::window<3>, weir::padding<2>> layer;
#else
typedef weir::conv1d<2, weir::window<3>, weir::padding<2>, weir::same> layer;
#endif
template struct weir::detail::require_layer<layer, weir::shape<3, 8>>;
