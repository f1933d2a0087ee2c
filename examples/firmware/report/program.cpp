// SPDX-License-Identifier: MIT
#include "program.hpp"

#include <fstream>
#include <regex>
#include <sstream>

#include <nlohmann/json.hpp>

#include "support/dataset.hpp"

namespace firmware_report {
namespace {

behaviour behaviour_of(const std::string& name) {
  if (name == "selftest") return behaviour::selftest;
  if (name == "node") return behaviour::node;
  if (name == "learner") return behaviour::learner;
  if (name == "measure") return behaviour::measure;
  throw support::bad_input("no program does `" + name + "`");
}

program read_program(const nlohmann::json& j) {
  program p;
  p.example = j.at("example");
  p.target = j.at("target");
  p.does = behaviour_of(j.at("does"));
  p.elf = j.at("elf");
  p.marked = j.at("marked");
  p.compiler = j.at("compiler");
  p.tools = j.at("tools");
  p.net = j.at("net");
  p.number = j.at("number");
  p.rank = j.at("rank");
  p.packet = j.at("packet");
  p.run = j.at("run").get<support::command>();
  if (p.run.empty()) p.does = behaviour::none;
  return p;
}

/// "1a 0000002d" of an `nm -S` line for this variable, whatever the compiler has put around its name.
std::optional<std::uint32_t> size_of_variable(const std::string& symbols, const std::string& name) {
  const std::regex line("(^|\n)[0-9a-fA-F]+ ([0-9a-fA-F]+) [a-zA-Z] _Z[A-Za-z0-9_]*" + std::to_string(name.size()) +
                        name + "E?(\\.[^\n]*)?(?=\n)");
  std::smatch found;
  if (!std::regex_search(symbols, found, line)) return std::nullopt;
  return static_cast<std::uint32_t>(std::stoul(found[2], nullptr, 16));
}

}  // namespace

std::vector<program> read_programs(const std::string& file) {
  std::ifstream in(file);
  if (!in) throw support::bad_input("cannot read " + file);
  std::vector<program> all;
  std::string line;
  try {
    while (std::getline(in, line))
      if (!line.empty()) all.push_back(read_program(nlohmann::json::parse(line)));
  } catch (const nlohmann::json::exception& e) {
    throw support::bad_input(file + " is not the list that the build writes: " + e.what());
  }
  return all;
}

sizes sizes_of(const program& p, const std::string& elf) {
  const std::string table = support::output_of({p.tools + "size", "-B", elf});
  std::istringstream numbers(table.substr(table.find('\n') + 1));
  std::uint32_t text = 0, data = 0, bss = 0;
  if (!(numbers >> text >> data >> bss) || text == 0) throw std::runtime_error("cannot read what size says of " + elf);

  const std::string symbols = support::output_of({p.tools + "nm", "-S", elf});
  sizes s = {text + data, 0, data, data + bss, size_of_variable(symbols, "device")};
  for (const char* const table_of_rows : {"pixels", "labels", "digits"})
    s.data_share += size_of_variable(symbols, table_of_rows).value_or(0);
  const bool learns = p.does != behaviour::measure;
  if (learns && !s.node) throw std::runtime_error("there is no `device` in " + elf);
  if (learns && p.example != "arduino_learner" && s.data_share == 0)
    throw std::runtime_error("there are no rows of data in " + elf);
  return s;
}

std::string compiler_of(const program& p) {
  std::string version = support::output_of({p.compiler, "-dumpfullversion", "-dumpversion"});
  while (!version.empty() && version.back() == '\n') version.pop_back();
  return p.compiler.substr(p.compiler.rfind('/') + 1) + " " + version;
}

}  // namespace firmware_report
