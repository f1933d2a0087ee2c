// SPDX-License-Identifier: MIT
#include "work.hpp"

namespace working {

void work_on_quarter(const options& o) { work<mixed::net_quarter>(o); }

}  // namespace working
