// EXPECT: weir: logarithmic<Bits> has 2 to 4 bits a value, a sign and the exponent
// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::logarithmic<4> encoder;
#else
typedef weir::logarithmic<5> encoder;
#endif
template struct weir::pipeline<weir::sgd, weir::fixed_wt, encoder, weir::loopback<64>>;
