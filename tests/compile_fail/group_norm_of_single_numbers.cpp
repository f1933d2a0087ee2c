// EXPECT: weir: group_norm needs at least two numbers in a group to normalize: of one, nothing is left
// SPDX-License-Identifier: MIT
#include <weir/nn/group_norm.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::shape<6, 2> input;
#else
typedef weir::shape<6> input;
#endif
template struct weir::detail::require_layer<weir::instance_norm, input>;
