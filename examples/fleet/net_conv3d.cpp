// SPDX-License-Identifier: MIT
#include "clip_nets.hpp"
#include "fleet.hpp"

namespace fleet {

weir::index_t conv3d_parameters() { return conv3d_net::parameters(); }

outcome run_conv3d(const plan& p, const support::dataset& data, const progress& tell, const observer& rounds) {
  return run_model<real, conv3d_net>(p, data, tell, rounds, few_encoders(), batch_list<16>());
}

}  // namespace fleet
