// SPDX-License-Identifier: MIT
#include "fleet.hpp"

namespace fleet {

outcome run_digits(const plan& p, const support::dataset& data, const progress& tell) {
  using net = weir::sequential<weir::input<64>, weir::dense<32>, weir::relu, weir::dense<10>>;
  return run_model<net>(p, data, tell);
}

}  // namespace fleet
