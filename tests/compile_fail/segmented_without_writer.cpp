// EXPECT: weir: Encoder needs `template <class Grid> class writer` with `threshold()`, `put(offset, cell)` and
// SPDX-License-Identifier: MIT
#include <weir/encoder/segmented.hpp>
#include <weir/encoder/ternary.hpp>

struct bad : weir::ternary {
#if defined(WEIR_EXPECT_ERROR)
  template <class Grid>
  class writer {};
#endif
};
#if defined(WEIR_EXPECT_ERROR)
template struct weir::segmented<bad, 2>;
#else
template struct weir::segmented<weir::ternary, 2>;
#endif
