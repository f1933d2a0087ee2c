// EXPECT: weir: this encoder takes its values from Wt, and this threshold has none; use dense32, sparse32 or
// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::dense32 down;
#else
typedef weir::strom down;
#endif
template struct weir::downlink<weir::sparse16, weir::mean, weir::always, down>;
