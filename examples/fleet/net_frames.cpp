// SPDX-License-Identifier: MIT
#include "clip_nets.hpp"
#include "fleet.hpp"

namespace fleet {

weir::index_t frames_parameters() { return frames_net::parameters(); }

outcome run_frames(const plan& p, const support::dataset& data, const progress& tell, const observer& rounds) {
  return run_model<real, frames_net>(p, data, tell, rounds, few_encoders(), batch_list<16>());
}

}  // namespace fleet
