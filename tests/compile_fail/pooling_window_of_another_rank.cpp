// EXPECT: weir: window<...>, stride<...> and padding<...> of a pool need one number for each axis of its input behind the channels
// SPDX-License-Identifier: MIT
#include <weir/nn/pooling.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::average_pool<weir::window<3, 3>> layer;
#else
typedef weir::average_pool<weir::window<3>> layer;
#endif
template struct weir::detail::require_layer<layer, weir::shape<6, 8, 8>>;
