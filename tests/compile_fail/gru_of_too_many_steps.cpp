// EXPECT: weir: this recurrent layer keeps more numbers than index_t can count on this machine
// SPDX-License-Identifier: MIT
#include <weir/nn/gru.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::gru<1000>::on<weir::shape<60000, 1>> layer;
#else
typedef weir::gru<20000>::on<weir::shape<60000, 1>> layer;
#endif
void pass(const float* w, const float* x, float* y, const weir::layer_memory<float>& m) {
  layer::forward<1>(w, x, y, m);
}
