// SPDX-License-Identifier: MIT
#include "fleet.hpp"

namespace fleet {

outcome run_idx(const plan& p, const support::dataset& data, const progress& tell) {
  return run_model<real, idx_net>(p, data, tell, all_encoders(), all_batches());
}

}  // namespace fleet
