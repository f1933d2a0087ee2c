// SPDX-License-Identifier: MIT
#include "tables.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

#include <nlohmann/json.hpp>

#include "support/dataset.hpp"
#include "support/text.hpp"

namespace firmware_report {
namespace {

using support::grouped;
using support::text;
using cells = std::vector<std::string>;

const char* const begin_mark = "<!-- firmware_report -->\n";
const char* const end_mark = "<!-- /firmware_report -->";

template <class T>
std::string grouped(const std::optional<T>& v) {
  return v ? grouped(static_cast<double>(*v)) : "-";
}
std::string mean(const std::optional<cycles>& c) { return c ? grouped(c->mean) : "-"; }

/// A step's and a frame's cycles, where there are marks.
std::optional<cycles> of_step(const measured& m) { return m.mark(mark_of_step); }
std::optional<cycles> of_gate(const measured& m) { return m.mark(mark_of_gate); }

bool is_example(const measured& m) { return m.what.does != behaviour::measure; }

/// Columns as wide as they must be; all but the first `left` to the right.
std::string aligned(const std::vector<cells>& rows, std::size_t left) {
  std::vector<std::size_t> width;
  for (const cells& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i == width.size()) width.push_back(0);
      width[i] = std::max(width[i], row[i].size());
    }
  std::string all;
  for (const cells& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string space(width[i] - row[i].size(), ' ');
      line += (i == 0 ? "" : "  ") + (i < left ? row[i] + space : space + row[i]);
    }
    while (line.back() == ' ') line.pop_back();
    all += line + "\n";
  }
  return all;
}

std::string bar_line(const cells& row) {
  std::string line = "|";
  for (const std::string& cell : row) line += " " + cell + " |";
  return line + "\n";
}

std::vector<cells> rows_of(const std::string& table) {
  std::vector<cells> rows;
  std::istringstream lines(table);
  for (std::string line; std::getline(lines, line);) {
    cells row;
    std::istringstream parts(line);
    std::string cell;
    std::getline(parts, cell, '|');
    while (std::getline(parts, cell, '|')) {
      const std::size_t first = cell.find_first_not_of(' '), last = cell.find_last_not_of(' ');
      row.push_back(first == std::string::npos ? "" : cell.substr(first, last - first + 1));
    }
    rows.push_back(row);
  }
  return rows;
}

/// "18,136" as a number.
std::optional<double> number_of(std::string cell) {
  cell.erase(std::remove(cell.begin(), cell.end(), ','), cell.end());
  if (cell.empty() || cell.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  return std::stod(cell);
}

template <class T>
nlohmann::ordered_json json_of(const std::optional<T>& v) {
  return v ? nlohmann::ordered_json(*v) : nlohmann::ordered_json();
}
nlohmann::ordered_json json_of_mean(const std::optional<cycles>& c) {
  return c ? nlohmann::ordered_json(std::llround(c->mean)) : nlohmann::ordered_json();
}
double hundredths(double v) { return std::round(v * 100) / 100; }

struct readme_row {
  const char *example, *target, *name;
};
/// In the order of README.md.
const readme_row readme_rows[] = {
    {"node", "atmega2560", "ATmega2560"},
    {"node_int16r8", "atmega2560", "ATmega2560, `fixed16<10>`, residual in 8 bits"},
    {"node_wt", "atmega2560", "ATmega2560, given Wt: `fixed_wt`, `strom`"},
    {"node_radio", "atmega2560", "ATmega2560, packets of 51 bytes"},
    {"node_radio_wt", "atmega2560", "ATmega2560, packets of 51 bytes, given Wt"},
    {"node_conv1d", "atmega2560", "ATmega2560, 8x8-`conv1d<8>`-10, 450 weights"},
    {"arduino_node", "mega", "Arduino Mega 2560, the sketch `arduino_node`"},
    {"node", "atmega328p", "ATmega328P, 16-8-4"},
    {"arduino_node", "uno", "Arduino Uno, 16-8-4, the sketch `arduino_node`"},
    {"node", "microbit", "Cortex-M0, nRF51"},
    {"node", "stm32vldiscovery", "Cortex-M3, STM32F100"},
    {"node", "netduino2", "Cortex-M3, STM32F205"},
    {"node_gru", "stm32f103", "Cortex-M3, STM32F103, 16 steps of 8-`gru<16>`-4, 1,284 weights"},
    {"node", "netduinoplus2", "Cortex-M4, STM32F405"},
    {"node", "riscv_virt", "RV32IMAC"},
    {"node", "esp8266", "ESP8266, without its C library and SDK"},
};

}  // namespace

std::string table_of(const std::vector<measured>& all) {
  std::vector<cells> rows = {{"example", "target", "compiler", "flash", "of it rows", "RAM static", "stack",
                              "sizeof(worker)", "cycles/step", "cycles/gate+encode", "accuracy %"}};
  for (const measured& m : all)
    if (is_example(m))
      rows.push_back({m.what.example, m.what.target, m.compiler, grouped(m.size.flash), grouped(m.size.data_share),
                      grouped(m.size.ram_static), grouped(m.plain.stack_peak), grouped(m.size.node), mean(of_step(m)),
                      mean(of_gate(m)), m.plain.accuracy ? text("%.1f", *m.plain.accuracy) : "-"});
  return aligned(rows, 3);
}

std::string table_of(const std::vector<goal>& goals) {
  std::vector<cells> rows = {{"goal", "in", "measured", "limit", "pass"}};
  for (const goal& g : goals) {
    const bool small = g.measured < 1000 && g.unit == "cycles";
    const std::optional<double> limit = g.limit ? std::optional<double>(std::floor(*g.limit)) : std::nullopt;
    rows.push_back({g.name, g.unit, small ? text("%.1f", g.measured) : grouped(g.measured), grouped(limit),
                    !g.limit     ? ""
                    : g.passed() ? "yes"
                                 : "MISSED"});
  }
  return aligned(rows, 2);
}

std::string json_lines(const std::vector<measured>& all, const std::vector<goal>& goals) {
  std::string lines;
  for (const measured& m : all) {
    if (!is_example(m)) continue;
    nlohmann::ordered_json j;
    j["example"] = m.what.example;
    j["target"] = m.what.target;
    j["compiler"] = m.compiler;
    j["flash"] = m.size.flash;
    j["flash_rows"] = m.size.data_share;
    j["ram_static"] = m.size.ram_static;
    j["stack_peak"] = json_of(m.plain.stack_peak);
    j["sizeof_worker"] = json_of(m.size.node);
    j["cycles_step"] = json_of_mean(of_step(m));
    j["cycles_gate_encode"] = json_of_mean(of_gate(m));
    j["accuracy"] = m.plain.accuracy ? nlohmann::ordered_json(hundredths(*m.plain.accuracy)) : nullptr;
    lines += j.dump() + "\n";
  }
  for (const goal& g : goals) {
    nlohmann::ordered_json j;
    j["goal"] = g.name;
    j["measured"] = hundredths(g.measured);
    j["limit"] = g.limit ? nlohmann::ordered_json(std::floor(*g.limit)) : nullptr;
    j["unit"] = g.unit;
    j["pass"] = g.limit ? nlohmann::ordered_json(g.passed()) : nullptr;
    lines += j.dump() + "\n";
  }
  return lines;
}

std::string readme_table(const std::vector<measured>& all) {
  std::string table =
      bar_line({"node", "flash", "its rows, too", "static RAM", "of it `sizeof(worker)`", "stack", "cycles of a step"});
  table += "|---|---|---|---|---|---|---|\n";
  for (const readme_row& row : readme_rows) {
    const auto at = std::find_if(all.begin(), all.end(), [&](const measured& m) {
      return m.what.example == row.example && m.what.target == row.target;
    });
    if (at == all.end())
      throw std::runtime_error("the list of programs has no " + std::string(row.example) + " for " + row.target);
    table += bar_line({row.name, grouped(at->size.code()), grouped(at->size.data_share), grouped(at->size.ram_static),
                       grouped(at->size.node), grouped(at->plain.stack_peak), mean(of_step(*at))});
  }
  return table;
}

std::string between_marks(const std::string& readme) {
  const std::size_t begin = readme.find(begin_mark), end = readme.find(end_mark);
  if (begin == std::string::npos || end == std::string::npos || end < begin)
    throw support::bad_input("README.md has no lines `<!-- firmware_report -->` and `<!-- /firmware_report -->`");
  const std::size_t from = begin + std::string(begin_mark).size();
  return readme.substr(from, end - from);
}

std::string with_between_marks(const std::string& readme, const std::string& table) {
  const std::string old = between_marks(readme);
  const std::size_t from = readme.find(begin_mark) + std::string(begin_mark).size();
  return readme.substr(0, from) + table + readme.substr(from + old.size());
}

std::vector<std::string> differences(const std::string& said, const std::string& now) {
  // Whether an interrupt comes when the stack is deepest depends on when a byte arrives; RISC-V saves most of its registers.
  constexpr double share = 0.02, stack_slack = 96;
  const std::vector<cells> old = rows_of(said), wanted = rows_of(now);
  std::vector<std::string> all;
  if (old.size() != wanted.size() || old[0] != wanted[0]) return {"its columns or rows are not those of the report"};
  for (std::size_t r = 0; r < wanted.size(); ++r)
    for (std::size_t c = 0; c < wanted[0].size(); ++c) {
      const std::string& name = wanted[r].at(0);
      const std::string was = c < old[r].size() ? old[r][c] : "";
      const std::string& is = wanted[r].at(c);
      const auto a = number_of(was), b = number_of(is);
      const double slack = std::max(b.value_or(0) * share, wanted[0][c] == "stack" ? stack_slack : 0);
      if (a && b ? std::abs(*a - *b) <= slack : was == is) continue;
      all.push_back(name + ", " + wanted[0][c] + ": it says `" + was + "`, measured is `" + is + "`");
    }
  return all;
}

}  // namespace firmware_report
