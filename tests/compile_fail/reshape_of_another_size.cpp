// EXPECT: weir: reshape<...> needs as many numbers as the shape in front of it has
// SPDX-License-Identifier: MIT
#include <weir/nn/flatten.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::reshape<4, 12> layer;
#else
typedef weir::reshape<4, 11> layer;
#endif
template struct weir::detail::require_layer<layer, weir::shape<6, 8>>;
