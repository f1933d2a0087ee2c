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

/// A picture of percentages over a logarithmic axis, as SVG.
std::string percent_plot(const std::string& title, const std::string& x_label, const std::string& y_label,
                         const std::vector<curve>& curves);

/// 1234567 bytes as "1.23 MB": three digits that count.
std::string bytes_text(double bytes);

}  // namespace support
