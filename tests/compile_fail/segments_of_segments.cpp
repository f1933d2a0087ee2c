// EXPECT: weir: segments are not cut into segments again
// SPDX-License-Identifier: MIT
#include <weir/encoder/segmented.hpp>
#include <weir/encoder/ternary.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::ternary inner;
#else
typedef weir::segmented<weir::ternary, 2> inner;
#endif
template struct weir::segmented<inner, 2>;
