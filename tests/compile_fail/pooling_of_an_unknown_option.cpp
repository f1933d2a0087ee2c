// EXPECT: weir: options of a pool are window<...>, stride<...>, and padding<...> or same
// SPDX-License-Identifier: MIT
#include <weir/nn/pooling.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::max_pool<weir::window<3>> layer;
#else
typedef weir::max_pool<weir::window<3>, weir::dilation<2>> layer;
#endif
template struct weir::detail::require_layer<layer, weir::shape<6, 8>>;
