// EXPECT: weir: a recurrent layer needs at least one unit
// SPDX-License-Identifier: MIT
#include <weir/nn/lstm.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::lstm<1> layer;
#else
typedef weir::lstm<0> layer;
#endif
template struct weir::detail::require_layer<layer, weir::shape<4, 2>>;
