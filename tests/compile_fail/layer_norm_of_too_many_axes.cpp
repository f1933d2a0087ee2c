// EXPECT: weir: a norm takes the last 1 axis or more of its input, and no more axes than there are
// SPDX-License-Identifier: MIT
#include <weir/nn/layer_norm.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::layer_norm<2> layer;
#else
typedef weir::layer_norm<3> layer;
#endif
template struct weir::detail::require_layer<layer, weir::shape<4, 5>>;
