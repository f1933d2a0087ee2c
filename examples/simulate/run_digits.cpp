// SPDX-License-Identifier: MIT
#include "run_model.hpp"

namespace simulate {

outcome run_digits(const setup& s, const support::dataset& data) { return run_model<fleet::digits_net>(s, data); }

}  // namespace simulate
