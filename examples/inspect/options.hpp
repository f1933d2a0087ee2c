// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace inspect {

struct options {
  std::string file;              ///< empty: standard input
  std::vector<std::string> hex;  ///< not empty: this instead
  bool cobs = false;
  std::string encoder;      ///< empty: not known
  std::uint32_t cells = 0;  ///< 0: not known
  std::uint32_t segments = 1;
  std::uint32_t ranks = 0;  ///< 0: not known
  bool integer = false;
  bool json = false;
};

/// Reads the options. False: help was asked for and has been given. Throws support::bad_input.
bool parse(int argc, const char* const* argv, options& o);

}  // namespace inspect
