// EXPECT: weir: this encoder takes its values from Wt, and this threshold has none; use dense32, sparse32 or
// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::fixed_wt threshold;
#else
typedef weir::always threshold;
#endif
template struct weir::pipeline<weir::sgd, threshold, weir::ternary, weir::loopback<64>>;
