// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace goals {

/// What must not be exceeded; or, if at_least, reached.
struct goal {
  std::string name;
  std::string unit;
  double limit;
  std::optional<double> aim = std::nullopt;
  bool at_least = false;
};

/// What came out.
struct result {
  goal what;
  double measured;
  std::string detail;  ///< for the reader of the table
  bool judged;         ///< a quick run says nothing about speed

  bool pass() const { return !judged || (what.at_least ? measured >= what.limit : measured <= what.limit); }
};

std::string table(const std::vector<result>& all);
/// A line of JSON for each: goal, measured, limit, unit, pass (null: not judged), and aim and at_least where there is one.
std::string json_lines(const std::vector<result>& all);

}  // namespace goals
