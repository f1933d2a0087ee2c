// SPDX-License-Identifier: MIT
// Who is beaten in a trade of one good thing for another, and when that is more than chance.
#pragma once

#include <vector>

namespace pareto {

struct offer {
  double ratio;
  double accuracy;
};

/// Which of them are not beaten: another beats one that has no more ratio and is less accurate by `margin` or more (of two
/// that are alike in one, the better in the other beats; of two that are alike in both, none).
std::vector<bool> unbeaten(const std::vector<offer>& all, double margin = 0);

/// What one value spreads by, if each row holds values of the same spread about a mean of its own: a standard deviation,
/// 0 if no row has two values. By the median of the rows' variances, because two values say next to nothing about their own
/// row, and a few rows that spread by far more must not count for all.
double typical_deviation(const std::vector<std::vector<double>>& rows);

}  // namespace pareto
