// SPDX-License-Identifier: MIT
#include "fleet.hpp"

namespace fleet {

outcome run_digits(const plan& p, const support::dataset& data, const progress& tell, const observer& rounds) {
  if (for_comparison(p.encoder))
    return run_model<real, digits_net>(p, data, tell, rounds, compared_encoders(), compared_batches());
  return run_model<real, digits_net>(p, data, tell, rounds, all_encoders(), all_batches());
}

}  // namespace fleet
