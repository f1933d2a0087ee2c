// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include "support/mixed_fleet.hpp"

namespace working {

struct options {
  std::string net = "digits";
  std::uint16_t rank = 0;   ///< of the first
  std::uint16_t count = 1;  ///< workers in this process, each with a line of its own
  std::uint16_t ranks = 1;
  std::string tcp;  ///< HOST:PORT of the coordinator; neither: standard input and output
  std::string udp;
  std::uint32_t rounds = 0;  ///< takes leave after so many; 0: goes on
  std::uint32_t seed = mixed::seed();
  float rate = mixed::rate();
  float density = 0;            ///< 0: the fleet's
  std::uint16_t resend_ms = 0;  ///< 0: the library's
};

/// Reads the command line. Throws support::bad_input; returns false when help was asked for and printed.
bool parse(int argc, const char* const* argv, options& o);

// One for each model, in a file of its own: that is where the templates are instantiated. They return when all have left, or
// the line, of standard input and output, has ended.
void work_on_digits(const options& o);
void work_on_quarter(const options& o);

}  // namespace working
