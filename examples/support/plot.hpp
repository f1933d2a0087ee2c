// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace support {

struct curve {
  std::string name;
  std::string colour;                             ///< as in CSS
  std::vector<std::pair<double, double>> points;  ///< x > 0, y in percent
};

enum class unit { bytes, seconds };

/// A picture of percentages over a logarithmic axis, as SVG.
std::string percent_plot(const std::string& title, const std::string& x_label, const std::string& y_label,
                         const std::vector<curve>& curves, unit x_unit = unit::bytes);

/// What one thing gives for another: more of both is better.
struct trade {
  double x;      ///< above 0
  double y;      ///< to what 0 stands for
  double error;  ///< of y
  bool best;     ///< no other has more of both
  std::string name;
};

/// A picture over a logarithmic axis, as SVG: all pale, with bars of one error up and down, and a line through the best.
/// There is one of these at least.
std::string trade_plot(const std::string& title, const std::string& x_label, const std::string& y_label,
                       const std::vector<trade>& points);

/// 1234567 bytes as "1.23 MB": three digits that count.
std::string bytes_text(double bytes);

}  // namespace support
