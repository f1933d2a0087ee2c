// EXPECT: weir: group_norm needs at least one group
// SPDX-License-Identifier: MIT
#include <weir/nn/group_norm.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::group_norm<1> layer;
#else
typedef weir::group_norm<0> layer;
#endif
template struct weir::detail::require_layer<layer, weir::shape<6, 5>>;
