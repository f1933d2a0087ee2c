// SPDX-License-Identifier: MIT
#include "work.hpp"

namespace working {

void work_on_digits(const options& o) { work<mixed::net_digits>(o); }

}  // namespace working
