// EXPECT: weir: this shape has more elements than index_t can count on this machine
// SPDX-License-Identifier: MIT
#include <weir/policy/shape.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::shape<65535, 65537> image;
#else
typedef weir::shape<65536, 65536> image;
#endif
static_assert(image::rank() == 2, "");
