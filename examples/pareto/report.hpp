// SPDX-License-Identifier: MIT
// What a sweep came to: for people, for programs, as a picture.
#pragma once

#include <string>
#include <vector>

#include "sweep.hpp"

namespace pareto {

std::string table(const support::dataset& data, const std::vector<point>& all);
std::string json_text(const options& o, const std::vector<point>& all, double seconds);
std::string svg_text(const support::dataset& data, const std::vector<point>& all);

}  // namespace pareto
