// EXPECT: weir: skip and recomputed need at least one layer inside
// SPDX-License-Identifier: MIT
#include <weir/nn/activation.hpp>
#include <weir/nn/skip.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::skip<weir::relu> layer;
#else
typedef weir::skip<> layer;
#endif
template struct weir::detail::require_layer<layer, weir::shape<4>>;
