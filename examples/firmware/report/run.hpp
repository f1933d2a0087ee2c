// SPDX-License-Identifier: MIT
#pragma once

#include <map>

#include "program.hpp"

namespace firmware_report {

/// What lies between mark and unmark, in cycles.
struct cycles {
  double min, mean, max;
  std::uint64_t count;
};

/// What a run shows.
struct result {
  std::optional<std::uint32_t> stack_peak;  ///< the most of it that was in use: it had been painted
  std::optional<double> accuracy;           ///< percent: of the test rows; a selftest's, of its own rows
  std::map<int, cycles> marks;
};

/// The ids of the marks in the programs that were built with marked.hpp.
constexpr int mark_of_step = 101;
constexpr int mark_of_gate = 102;

/// Runs one of the program's ELF files. `folder` is for files on the way. Throws std::runtime_error when it does not do
/// what it should, or not within two minutes.
result run(const program& p, const std::string& elf, const std::string& folder);

}  // namespace firmware_report
