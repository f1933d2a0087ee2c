// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>

namespace fleet {

struct estimate {
  double mean;
  double error;  ///< standard error of the mean; 0 for a single value
};

/// Over value(run) of all runs.
template <class Runs, class Value>
estimate over(const Runs& runs, Value&& value) {
  const double n = static_cast<double>(runs.size());
  double sum = 0, squares = 0;
  for (const auto& run : runs) sum += value(run);
  const double mean = sum / n;
  for (const auto& run : runs) squares += (value(run) - mean) * (value(run) - mean);
  return {mean, runs.size() < 2 ? 0 : std::sqrt(squares / (n - 1) / n)};
}

}  // namespace fleet
