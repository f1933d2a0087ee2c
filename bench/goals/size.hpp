// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "goal.hpp"
#include "plan.hpp"

namespace goals {

/// Bytes on the wire against the entropy. The same on every machine.
std::vector<result> measure_sizes(const plan& p);
/// Their names.
std::vector<std::string> size_names();

}  // namespace goals
