// EXPECT: weir: inputs of a convolution have at most as many bits as its weights
// SPDX-License-Identifier: MIT
#include <weir/nn/convolution.hpp>

typedef weir::conv1d<2, weir::window<3>>::on<weir::shape<2, 8>> layer;
typedef weir::fixed8<5> weight;
#if !defined(WEIR_EXPECT_ERROR)
typedef weir::fixed8<7> sample;
#else
typedef weir::fixed16<12> sample;
#endif
template void layer::forward<1, weight, sample>(const weight*, const sample*, weight*,
                                                const weir::layer_memory<weight>&);
