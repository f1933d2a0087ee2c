// EXPECT: weir: this recurrent layer has more weights than index_t can count on this machine
// SPDX-License-Identifier: MIT
#include <weir/nn/lstm.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::lstm<20000> layer;
#else
typedef weir::lstm<40000> layer;
#endif
template struct weir::detail::require_layer<layer, weir::shape<4, 2>>;
