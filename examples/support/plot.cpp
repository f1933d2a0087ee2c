// SPDX-License-Identifier: MIT
#include "plot.hpp"
#include "text.hpp"

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

std::string head(const std::string& title) {
  return "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 " + number(width) + " " + number(height) +
         "' font-family='sans-serif' font-size='13'>\n<rect width='100%' height='100%' fill='white'/>\n" +
         label(width / 2, 26, "middle", title, " font-size='16'");
}

/// The axes' lines, over the grid, and what they are.
std::string frame(const std::string& x_label, const std::string& y_label) {
  const double floor_y = height - bottom, end_x = width - right;
  return line(left, floor_y, end_x, floor_y, "black") + line(left, top, left, floor_y, "black") +
         label((left + end_x) / 2, height - 18, "middle", x_label) +
         label(0, 0, "middle", y_label, " transform='translate(22 " + number((top + floor_y) / 2) + ") rotate(-90)'");
}

/// 10^decade of them.
std::string power_text(int decade, unit u) {
  const char* const prefixes[] = {"", "k", "M", "G", "T", "P"};
  const int prefix = std::min(decade / 3, 5);
  return "1" + std::string(static_cast<std::size_t>(decade - 3 * prefix), '0') + " " + prefixes[prefix] +
         (u == unit::bytes ? "B" : "s");
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

/// From a trade's values to the picture's coordinates.
struct trade_axes {
  double least, most;      // of x
  double lowest, highest;  // of y, multiples of step
  double step;             // from a line to the next

  double x(double v) const { return left + std::log(v / least) / std::log(most / least) * (width - left - right); }
  double y(double v) const {
    return top + (highest - std::max(v, lowest)) / (highest - lowest) * (height - top - bottom);
  }
};

/// A power of ten times 1, 2 or 5, at least `v`.
double round_step(double v) {
  const double decade = std::pow(10, std::floor(std::log10(v)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * decade >= 0.999 * v) return factor * decade;
  return 10 * decade;
}

/// As high as the bars go, down to half as far again as those of the best: settings that fall apart would squeeze the rest.
trade_axes around(const std::vector<trade>& points) {
  trade_axes a{1e300, 0, 0, 0, 1};
  for (const trade& p : points) {
    a.least = std::min(a.least, p.x / 1.1);
    a.most = std::max(a.most, p.x * 1.1);
    a.highest = std::max(a.highest, p.y + p.error);
    if (p.best) a.lowest = std::min(a.lowest, p.y - p.error);
  }
  a.lowest *= 1.5;
  a.step = round_step(std::max(a.highest - a.lowest, 0.01) / 8);
  a.highest = a.step * std::max(1.0, std::ceil(a.highest / a.step - 0.001));
  a.lowest = a.step * std::min(-1.0, std::floor(a.lowest / a.step + 0.001));
  return a;
}

std::string factor_text(double v) { return v < 1 ? text("%g", v) : grouped(v); }

std::string trade_grid(const trade_axes& a) {
  std::string svg;
  const double floor_y = height - bottom, end_x = width - right;
  const bool wide = a.most > 200 * a.least;
  for (int decade = static_cast<int>(std::floor(std::log10(a.least))); std::pow(10, decade) <= a.most; ++decade)
    for (const double factor : {1.0, 2.0, 5.0}) {
      const double v = factor * std::pow(10, decade);
      if (v < a.least || v > a.most || (wide && factor > 1)) continue;
      svg += line(a.x(v), top, a.x(v), floor_y, "#ddd") + label(a.x(v), floor_y + 18, "middle", factor_text(v));
    }
  const int decimals = a.step < 0.0999 ? 2 : a.step < 0.999 ? 1 : 0;
  const int lines = static_cast<int>(std::lround((a.highest - a.lowest) / a.step));
  for (int i = 0; i <= lines; ++i) {
    const double v = a.lowest + i * a.step;
    const bool zero = std::abs(v) < a.step / 2;
    char text[32];
    std::snprintf(text, sizeof text, "%+.*f", decimals, v);
    svg += line(left, a.y(v), end_x, a.y(v), zero ? "#888" : "#ddd") +
           label(left - 8, a.y(v) + 4, "end", zero ? "0" : text);
  }
  return svg;
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
                         const std::vector<curve>& curves, unit x_unit) {
  const axes a = around(curves);
  const double floor_y = height - bottom, end_x = width - right;
  std::string svg = head(title);
  for (double decade = a.first_decade; decade <= a.last_decade; ++decade) {
    const double x = a.x(std::pow(10, decade));
    svg += line(x, top, x, floor_y, "#ddd") +
           label(x, floor_y + 18, "middle", power_text(static_cast<int>(decade), x_unit));
  }
  for (double percent = a.lowest; percent <= 100; percent += 10)
    svg += line(left, a.y(percent), end_x, a.y(percent), "#ddd") +
           label(left - 8, a.y(percent) + 4, "end", number(percent).substr(0, number(percent).find('.')));
  svg += frame(x_label, y_label);

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

std::string trade_plot(const std::string& title, const std::string& x_label, const std::string& y_label,
                       const std::vector<trade>& points) {
  const trade_axes a = around(points);
  std::string svg = head(title) + trade_grid(a) + frame(x_label, y_label);
  const auto draw = [&](const trade& p, const char* colour, const char* radius) {
    const double x = a.x(p.x);
    svg += line(x, a.y(p.y - p.error), x, a.y(p.y + p.error), colour) + "<circle cx='" + number(x) + "' cy='" +
           number(a.y(p.y)) + "' r='" + radius + "' fill='" + colour + "'><title>" + escaped(p.name) +
           "</title></circle>\n";
  };
  std::size_t below = 0;
  std::vector<trade> best;
  for (const trade& p : points) {
    if (p.best)
      best.push_back(p);
    else if (p.y >= a.lowest)
      draw(p, "#b9c9dc", "2.5");
    else
      ++below;
  }
  std::sort(best.begin(), best.end(), [](const trade& p, const trade& q) { return p.x < q.x; });
  svg += "<polyline fill='none' stroke='#1f5fa8' stroke-width='2' points='";
  for (const trade& p : best) svg += number(a.x(p.x)) + "," + number(a.y(p.y)) + " ";
  svg += "'/>\n";
  for (const trade& p : best) draw(p, "#1f5fa8", "3.5");
  if (below != 0) svg += label(width - right - 6, height - bottom - 8, "end", std::to_string(below) + " more below");
  return svg + "</svg>\n";
}

}  // namespace support
