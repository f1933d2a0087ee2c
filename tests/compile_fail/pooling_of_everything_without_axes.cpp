// EXPECT: weir: a pool needs an input of channels and at least one axis behind them
// SPDX-License-Identifier: MIT
#include <weir/nn/pooling.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::shape<6, 8> shape;
#else
typedef weir::shape<48> shape;
#endif
template struct weir::detail::require_layer<weir::global_average_pool, shape>;
