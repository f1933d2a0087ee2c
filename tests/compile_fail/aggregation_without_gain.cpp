// EXPECT: weir: Aggregation needs `uint16_t gain(uint16_t age) const`
// SPDX-License-Identifier: MIT
#include <weir/policy/aggregation.hpp>

struct bad {
#if !defined(WEIR_EXPECT_ERROR)
  uint16_t gain(uint16_t) const { return 1; }
#endif
  uint32_t divisor(uint16_t ranks) const { return ranks; }
};
template struct weir::detail::require_aggregation<bad>;
