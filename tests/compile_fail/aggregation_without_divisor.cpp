// EXPECT: weir: Aggregation needs `uint32_t divisor(uint16_t ranks) const`
// SPDX-License-Identifier: MIT
#include <weir/policy/aggregation.hpp>

struct bad {
  uint16_t gain(uint16_t) const { return 1; }
#if !defined(WEIR_EXPECT_ERROR)
  uint32_t divisor(uint16_t ranks) const { return ranks; }
#endif
};
template struct weir::detail::require_aggregation<bad>;
