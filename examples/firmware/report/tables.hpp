// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "goals.hpp"

namespace firmware_report {

/// All examples, for a terminal.
std::string table_of(const std::vector<measured>& all);
std::string table_of(const std::vector<goal>& goals);
/// A line for each example, then one for each goal.
std::string json_lines(const std::vector<measured>& all, const std::vector<goal>& goals);

/// The nodes, for README.md: from its first line to the end of the last.
std::string readme_table(const std::vector<measured>& all);

/// What stands between the marks in this text. Throws support::bad_input if they are not there.
std::string between_marks(const std::string& readme);
std::string with_between_marks(const std::string& readme, const std::string& table);

/// Where `said` is more than 2 % away from `now`, which readme_table() gave, a sentence for each. (A stack may be a frame of
/// an interrupt away.)
std::vector<std::string> differences(const std::string& said, const std::string& now);

}  // namespace firmware_report
