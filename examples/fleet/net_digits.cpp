// SPDX-License-Identifier: MIT
#include "fleet.hpp"

namespace fleet {

outcome run_digits(const plan& p, const support::dataset& data, const progress& tell) {
  return run_model<digits_net>(p, data, tell);
}

}  // namespace fleet
