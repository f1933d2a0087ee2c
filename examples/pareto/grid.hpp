// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "options.hpp"

namespace pareto {

/// All settings to try, each once, settled. What the lists leave out is taken from sizes, around what fleet takes by itself.
/// Throws support::bad_input where settings do not go together.
std::vector<fleet::options> grid(const options& o, const support::dataset& data);

/// What differs between them, in few words: "K 3, step 2, fixed:0.05 up, fixed:0.025 down, ternary".
std::string brief(const fleet::options& settings);

}  // namespace pareto
