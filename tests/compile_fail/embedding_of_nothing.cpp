// EXPECT: weir: an embedding needs at least one index, and one number for it
// SPDX-License-Identifier: MIT
#include <weir/nn/embedding.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::embedding<10, 3> layer;
#else
typedef weir::embedding<10, 0> layer;
#endif
template struct weir::detail::require_layer<layer, weir::shape<4>>;
