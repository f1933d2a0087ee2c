// EXPECT: weir: drift_corrected is for floats
// SPDX-License-Identifier: MIT
#include <weir/optimizer/drift_corrected.hpp>
#include <weir/optimizer/momentum.hpp>

#if defined(WEIR_EXPECT_ERROR)
typedef weir::fixed16<12> number;
#else
typedef float number;
#endif
weir::drift_corrected<weir::momentum>::state<number, 4> state;
