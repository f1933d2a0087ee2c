// SPDX-License-Identifier: MIT
#include "run_model.hpp"

namespace simulate {

outcome run_idx(const setup& s, const support::dataset& data, const progress& tell) {
  return run_model<fleet::idx_net>(s, data, tell);
}
std::uint64_t bytes_of_idx(const setup& s) { return bytes_of_model<fleet::idx_net>(s); }

}  // namespace simulate
