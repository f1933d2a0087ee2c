// EXPECT: weir: every extent of a shape must be at least 1
// SPDX-License-Identifier: MIT
#include <weir/policy/shape.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::shape<3, 1> image;
#else
typedef weir::shape<3, 0> image;
#endif
static_assert(image::rank() == 2, "");
