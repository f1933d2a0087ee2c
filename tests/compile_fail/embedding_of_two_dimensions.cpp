// EXPECT: weir: an embedding takes one row of indices: shape<T>
// SPDX-License-Identifier: MIT
#include <weir/nn/embedding.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::shape<4> input;
#else
typedef weir::shape<4, 2> input;
#endif
template struct weir::detail::require_layer<weir::embedding<10, 3>, input>;
