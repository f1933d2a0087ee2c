// SPDX-License-Identifier: MIT
#include "fleet.hpp"

namespace fleet {

outcome run_idx(const plan& p, const support::dataset& data, const progress& tell) {
  return run_model<idx_net>(p, data, tell);
}

}  // namespace fleet
