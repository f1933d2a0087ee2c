// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "plan.hpp"

namespace goals {

/// What a code makes of coordinates and their signs.
struct other_result {
  std::string code;
  double density;
  double bits;       ///< per hit: all that it takes to decode
  double encode_ns;  ///< per hit, from an array of coordinates
  double decode_ns;  ///< per hit, into one
};

inline const char* others_name() { return "codes beside ours"; }

std::vector<other_result> measure_others(const plan& p);
std::string table(const std::vector<other_result>& all);
/// A line of JSON for each: code, density, bits_per_hit, encode_ns_per_hit, decode_ns_per_hit.
std::string json_lines(const std::vector<other_result>& all);

}  // namespace goals
