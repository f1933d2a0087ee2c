// EXPECT: weir: group_norm needs a number of channels (the first axis) that its groups divide
// SPDX-License-Identifier: MIT
#include <weir/nn/group_norm.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::group_norm<3> layer;
#else
typedef weir::group_norm<4> layer;
#endif
template struct weir::detail::require_layer<layer, weir::shape<6, 5>>;
