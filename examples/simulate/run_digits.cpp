// SPDX-License-Identifier: MIT
#include "run_model.hpp"

namespace simulate {

outcome run_digits(const setup& s, const support::dataset& data, const progress& tell) {
  return run_model<fleet::digits_net>(s, data, tell);
}
std::uint64_t bytes_of_digits(const setup& s) { return bytes_of_model<fleet::digits_net>(s); }

}  // namespace simulate
