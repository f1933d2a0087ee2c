// EXPECT: weir: the encoder of broadcasts (the pipeline's parameter Down) is not an encoder
// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::strom down;
#else
typedef weir::mean down;
#endif
template struct weir::pipeline<weir::sgd, weir::always, weir::dense32, weir::loopback<64>, weir::accumulate_only, down>;
