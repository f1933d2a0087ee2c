// SPDX-License-Identifier: MIT
#include "run_model.hpp"

namespace simulate {

outcome run_idx(const setup& s, const support::dataset& data) { return run_model<fleet::idx_net>(s, data); }

}  // namespace simulate
