// EXPECT: weir: skip adds its input to what its layers make of it, so both need the same shape
// SPDX-License-Identifier: MIT
#include <weir/nn/dense.hpp>
#include <weir/nn/skip.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::skip<weir::dense<8>, weir::dense<4>> layer;
#else
typedef weir::skip<weir::dense<4>, weir::dense<8>> layer;
#endif
template struct weir::detail::require_layer<layer, weir::shape<4>>;
