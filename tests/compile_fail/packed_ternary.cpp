// EXPECT: weir: packed sends every cell, also those below Wt: values that derive from Wt say nothing of them
// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::packed<weir::detail::one_bit_values> encoder;
#else
typedef weir::packed<weir::detail::ternary_values> encoder;
#endif
template struct weir::pipeline<weir::sgd, weir::always, encoder, weir::loopback<64>>;
