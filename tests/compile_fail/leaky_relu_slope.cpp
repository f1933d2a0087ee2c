// EXPECT: weir: leaky_relu's slope is 2^-Shift with Shift in [1, 14]
// SPDX-License-Identifier: MIT
#include <weir/nn/activation.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::leaky_relu<14> layer;
#else
typedef weir::leaky_relu<15> layer;
#endif
template struct weir::detail::require_layer<layer, weir::shape<4>>;
