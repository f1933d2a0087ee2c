// SPDX-License-Identifier: MIT
#include "front.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace pareto {

std::vector<bool> unbeaten(const std::vector<offer>& all, double margin) {
  const auto beats = [margin](const offer& a, const offer& b) {
    return a.ratio >= b.ratio && a.accuracy >= b.accuracy && a.accuracy - b.accuracy >= margin &&
           (a.ratio > b.ratio || a.accuracy > b.accuracy);
  };
  std::vector<bool> out;
  for (const offer& b : all)
    out.push_back(std::none_of(all.begin(), all.end(), [&](const offer& a) { return beats(a, b); }));
  return out;
}

double typical_deviation(const std::vector<std::vector<double>>& rows) {
  std::vector<double> variances;
  double freedom = 0;  // of the rows' variances: the same for all
  for (const std::vector<double>& row : rows) {
    if (row.size() < 2) continue;
    freedom = static_cast<double>(row.size() - 1);
    double mean = 0, squares = 0;
    for (const double v : row) mean += v / static_cast<double>(row.size());
    for (const double v : row) squares += (v - mean) * (v - mean);
    variances.push_back(squares / freedom);
  }
  if (variances.empty()) return 0;
  const auto middle = variances.begin() + static_cast<std::ptrdiff_t>(variances.size() / 2);
  std::nth_element(variances.begin(), middle, variances.end());
  // The median of chi squared with k degrees of freedom is about k (1 - 2 / 9k)^3 (Wilson and Hilferty, 1931).
  return std::sqrt(*middle / std::pow(1 - 2 / (9 * freedom), 3));
}

}  // namespace pareto
