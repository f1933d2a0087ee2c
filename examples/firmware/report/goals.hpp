// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "measured.hpp"

namespace firmware_report {

/// Something that is limited; without a limit it is there to be compared with.
struct goal {
  std::string name;
  double measured;
  std::optional<double> limit;  ///< at most this
  std::string unit;

  bool passed() const { return !limit || measured <= *limit; }
};

/// Throws std::runtime_error if a program that it needs is not among them.
std::vector<goal> goals_of(const std::vector<measured>& all);

}  // namespace firmware_report
