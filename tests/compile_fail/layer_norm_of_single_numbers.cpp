// EXPECT: weir: layer_norm needs at least two numbers to normalize: of one, nothing is left
// SPDX-License-Identifier: MIT
#include <weir/nn/layer_norm.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::shape<5, 4> input;
#else
typedef weir::shape<5, 1> input;
#endif
template struct weir::detail::require_layer<weir::layer_norm<>, input>;
