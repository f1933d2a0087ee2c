// EXPECT: weir: a dense layer needs at least one output
// SPDX-License-Identifier: MIT
#include <weir/nn/dense.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::dense<1> layer;
#else
typedef weir::dense<0> layer;
#endif
template struct weir::detail::require_layer<layer, weir::shape<4>>;
