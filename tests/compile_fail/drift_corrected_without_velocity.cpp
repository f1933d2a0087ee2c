// EXPECT: weir: drift_corrected needs an optimizer with a velocity
// SPDX-License-Identifier: MIT
#include <weir/optimizer/drift_corrected.hpp>
#include <weir/optimizer/momentum.hpp>
#include <weir/optimizer/sgd.hpp>

#if defined(WEIR_EXPECT_ERROR)
typedef weir::sgd inner;
#else
typedef weir::momentum inner;
#endif
template struct weir::drift_corrected<inner>;
