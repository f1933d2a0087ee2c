// SPDX-License-Identifier: MIT
// What the command line says: what is trained, and what is swept.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fleet/options.hpp"

namespace pareto {

/// A threshold to try: in fleet's words, or so many times the one that fleet takes by itself.
struct crest {
  float factor;
  std::optional<fleet::threshold_choice> choice;  ///< if given, the factor does not count
};

struct options {
  fleet::options common;    ///< of all points, and the files
  std::uint32_t scout = 2;  ///< seeds that every point is tried with
  std::string log;

  // Every one of these with every other; what is empty follows from sizes: grid().
  std::vector<std::uint16_t> local_steps;
  std::vector<float> server_steps;
  std::vector<crest> thresholds;
  std::vector<crest> down_thresholds;
  std::vector<float> down_shares;  ///< of Wt up, instead of down_thresholds
  std::vector<fleet::encoding> encoders;
};

/// Reads the command line. Throws support::bad_input; returns false when help was asked for and printed.
bool parse(int argc, const char* const* argv, options& o);

}  // namespace pareto
