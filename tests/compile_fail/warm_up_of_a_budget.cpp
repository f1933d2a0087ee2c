// EXPECT: weir: byte_budget and link_budget hold from the first frame on: take them without warm_up
// SPDX-License-Identifier: MIT
#include <weir/threshold/byte_budget.hpp>
#include <weir/threshold/target_density.hpp>
#include <weir/threshold/warm_up.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::warm_up<weir::target_density> threshold;
#else
typedef weir::warm_up<weir::byte_budget> threshold;
#endif
template struct weir::detail::require_threshold<threshold>;
