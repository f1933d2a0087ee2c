// SPDX-License-Identifier: MIT
#include "fleet.hpp"

namespace fleet {

outcome run_idx(const plan& p, const support::dataset& data, const progress& tell) {
  if (for_comparison(p.encoder))
    return run_model<real, idx_net>(p, data, tell, compared_encoders(), compared_batches());
  return run_model<real, idx_net>(p, data, tell, all_encoders(), all_batches());
}

}  // namespace fleet
