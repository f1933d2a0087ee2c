// EXPECT: weir: levels<S> has S of 1, 3, 7, 15, 31, 63 or 127
// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::levels<3> encoder;
#else
typedef weir::levels<4> encoder;
#endif
template struct weir::pipeline<weir::sgd, weir::always, encoder, weir::loopback<64>>;
