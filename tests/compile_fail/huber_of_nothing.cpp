// EXPECT: weir: huber's delta is a ratio of two numbers above 0
// SPDX-License-Identifier: MIT
#include <weir/nn/huber.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::huber<1, 2> loss;
#else
typedef weir::huber<0> loss;
#endif
template struct weir::detail::require_loss<loss>;
