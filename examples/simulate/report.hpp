// SPDX-License-Identifier: MIT
// What the simulations came to: for people, for programs, as a picture.
#pragma once

#include <string>
#include <vector>

#include "options.hpp"

namespace simulate {

struct result {
  trial tried;
  outcome came;
};

/// The one Wt that was at the target first; if none was, the most accurate. Null if none was tried.
const result* best_wt(const std::vector<result>& all);

std::string table(const options& o, const support::dataset& data, const std::vector<result>& all);
std::string json_text(const options& o, const support::dataset& data, const std::vector<result>& all);
std::string svg_text(const options& o, const support::dataset& data, const std::vector<result>& all);

}  // namespace simulate
