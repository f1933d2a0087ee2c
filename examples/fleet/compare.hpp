// SPDX-License-Identifier: MIT
// What each kind of numbers costs in accuracy: a device alone, and a fleet in two steps, both against floats.
#pragma once

#include <string>
#include <vector>

#include "alone.hpp"
#include "options.hpp"
#include "tables.hpp"

namespace fleet {

struct numbers_result {
  number_kind numbers;
  std::vector<alone_outcome> alone;  ///< one for each seed
  results fleets;
};

/// Every kind of numbers, floats first.
std::vector<numbers_result> compare_numbers(const options& o, const support::dataset& data);

std::string numbers_table(const options& o, const std::vector<numbers_result>& all);
/// One JSON object a line, one line for each kind of numbers.
std::string numbers_json(const options& o, const std::vector<numbers_result>& all);

}  // namespace fleet
