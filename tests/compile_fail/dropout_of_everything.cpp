// EXPECT: weir: dropout<N, D> drops N of D numbers: 0 < N < D <= 256
// SPDX-License-Identifier: MIT
#include <weir/nn/dropout.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::dropout<9, 10> layer;
#else
typedef weir::dropout<10, 10> layer;
#endif
template struct weir::detail::require_layer<layer, weir::shape<4>>;
