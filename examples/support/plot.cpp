// SPDX-License-Identifier: MIT
#include "plot.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace support {
namespace {

constexpr double width = 760, height = 460, left = 70, right = 30, top = 50, bottom = 60;

std::string number(double v) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", v);
  return text;
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else
      out += c;
  }
  return out;
}

std::string line(double x1, double y1, double x2, double y2, const char* colour) {
  return "<line x1='" + number(x1) + "' y1='" + number(y1) + "' x2='" + number(x2) + "' y2='" + number(y2) +
         "' stroke='" + colour + "'/>\n";
}

std::string label(double x, double y, const std::string& anchor, const std::string& text,
                  const std::string& more = "") {
  return "<text x='" + number(x) + "' y='" + number(y) + "' text-anchor='" + anchor + "'" + more + ">" + escaped(text) +
         "</text>\n";
}

/// 10^decade bytes.
std::string power_text(int decade) {
  const char* const units[] = {"B", "kB", "MB", "GB", "TB", "PB"};
  const int unit = std::min(decade / 3, 5);
  return "1" + std::string(static_cast<std::size_t>(decade - 3 * unit), '0') + " " + units[unit];
}

/// From values to the picture's coordinates.
struct axes {
  double first_decade, last_decade, lowest;  // y ends at 100

  double x(double v) const {
    return left + (std::log10(v) - first_decade) / (last_decade - first_decade) * (width - left - right);
  }
  double y(double v) const { return top + (100 - v) / (100 - lowest) * (height - top - bottom); }
};

axes around(const std::vector<curve>& curves) {
  double least = 1e300, most = 1, lowest = 100;
  for (const curve& c : curves)
    for (const auto& p : c.points) {
      least = std::min(least, p.first);
      most = std::max(most, p.first);
      lowest = std::min(lowest, p.second);
    }
  least = std::min(std::max(least, 1.0), most);
  axes a{std::floor(std::log10(least)), std::ceil(std::log10(most)), 10 * std::floor(std::max(lowest, 0.0) / 10)};
  if (a.last_decade <= a.first_decade) a.last_decade = a.first_decade + 1;
  a.lowest = std::min(a.lowest, 90.0);
  return a;
}

}  // namespace

std::string bytes_text(double bytes) {
  const char* const units[] = {"B", "kB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  while (unit + 1 < std::size(units) && bytes >= 999.5) bytes /= 1000, ++unit;
  char text[32];
  const int decimals = unit == 0 || bytes >= 99.95 ? 0 : bytes >= 9.995 ? 1 : 2;
  std::snprintf(text, sizeof text, "%.*f %s", decimals, bytes, units[unit]);
  return text;
}

std::string percent_plot(const std::string& title, const std::string& x_label, const std::string& y_label,
                         const std::vector<curve>& curves) {
  const axes a = around(curves);
  const double floor_y = height - bottom, end_x = width - right;
  std::string svg = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 " + number(width) + " " + number(height) +
                    "' font-family='sans-serif' font-size='13'>\n<rect width='100%' height='100%' fill='white'/>\n" +
                    label(width / 2, 26, "middle", title, " font-size='16'");
  for (double decade = a.first_decade; decade <= a.last_decade; ++decade) {
    const double x = a.x(std::pow(10, decade));
    svg += line(x, top, x, floor_y, "#ddd") + label(x, floor_y + 18, "middle", power_text(static_cast<int>(decade)));
  }
  for (double percent = a.lowest; percent <= 100; percent += 10)
    svg += line(left, a.y(percent), end_x, a.y(percent), "#ddd") +
           label(left - 8, a.y(percent) + 4, "end", number(percent).substr(0, number(percent).find('.')));
  svg += line(left, floor_y, end_x, floor_y, "black") + line(left, top, left, floor_y, "black");
  svg += label((left + end_x) / 2, height - 18, "middle", x_label);
  svg += label(0, 0, "middle", y_label, " transform='translate(22 " + number((top + floor_y) / 2) + ") rotate(-90)'");

  double legend = floor_y - 16 - 20 * static_cast<double>(curves.size() - 1);
  for (const curve& c : curves) {
    svg += "<polyline fill='none' stroke='" + c.colour + "' stroke-width='2' points='";
    for (const auto& p : c.points) svg += number(a.x(std::max(p.first, 1.0))) + "," + number(a.y(p.second)) + " ";
    svg += "'/>\n";
    for (const auto& p : c.points)
      svg += "<circle cx='" + number(a.x(std::max(p.first, 1.0))) + "' cy='" + number(a.y(p.second)) +
             "' r='2.5' fill='" + c.colour + "'/>\n";
    svg += "<rect x='" + number(end_x - 190) + "' y='" + number(legend - 13) +
           "' width='185' height='20' fill='white' fill-opacity='0.8'/>\n<line x1='" + number(end_x - 185) + "' y1='" +
           number(legend - 4) + "' x2='" + number(end_x - 160) + "' y2='" + number(legend - 4) + "' stroke='" +
           c.colour + "' stroke-width='2'/>\n" + label(end_x - 152, legend, "start", c.name);
    legend += 20;
  }
  return svg + "</svg>\n";
}

}  // namespace support
