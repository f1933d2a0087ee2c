// SPDX-License-Identifier: MIT
#include "fleet.hpp"

namespace fleet {

outcome run_idx(const plan& p, const support::dataset& data, const progress& tell) {
  using net = weir::sequential<weir::input<784>, weir::dense<128>, weir::relu, weir::dense<10>>;
  return run_model<net>(p, data, tell);
}

}  // namespace fleet
