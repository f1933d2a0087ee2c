// EXPECT: weir: the padding of a pool must be less than its window, which would else see nothing
// SPDX-License-Identifier: MIT
#include <weir/nn/pooling.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::max_pool<weir::window<3>, weir::padding<2>> layer;
#else
typedef weir::max_pool<weir::window<3>, weir::padding<3>> layer;
#endif
template struct weir::detail::require_layer<layer, weir::shape<6, 8>>;
