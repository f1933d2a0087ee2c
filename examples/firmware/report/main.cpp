// SPDX-License-Identifier: MIT
// What the firmware examples take: each is run on its emulator, and flash, RAM, stack, cycles and accuracy are printed, then
// what is limited beside its limit, then all of it as JSON lines. The build calls it:
//
//   cmake --build build/release --target firmware_report      prints it, and brings README.md's table up to date
//
// Flash and RAM are the linker's, the stack is painted before the start and looked at in the end, cycles are simavr's.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <CLI/CLI.hpp>

#include "support/command_line.hpp"
#include "support/program.hpp"
#include "support/result_file.hpp"
#include "tables.hpp"

namespace {

using namespace firmware_report;
using support::bad_input;

struct options {
  std::string programs, work, write, check, again = "cmake --build BUILD --target firmware_report";
  bool strict = false;
};

bool parse(int argc, const char* const* argv, options& o) {
  CLI::App app{
      "Runs the firmware examples and prints what they take.\n"
      "Ends with 0, with 1 when something could not be measured or was not as it should be, with 2 for bad options.",
      "firmware_report"};
  app.add_option("--programs", o.programs, "the list of them, which the build writes")->required();
  app.add_option("--work", o.work, "folder for files on the way")->required();
  CLI::Option* const write = app.add_option("--write", o.write, "README.md: brings its table up to date");
  app.add_option("--check", o.check, "README.md: its table must be up to date within 2 %")->excludes(write);
  app.add_option("--again", o.again, "the command that brings it up to date, for messages");
  app.add_flag("--strict", o.strict, "a limit that is not kept is a failure");
  return support::parse(app, argc, argv);
}

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file.is_open() || text.empty()) throw bad_input("cannot read " + path);
  return text;
}

/// False: the table in that file is out of date.
bool is_current(const options& o, const std::string& table) {
  const std::vector<std::string> wrong = differences(between_marks(text_of(o.check)), table);
  for (const std::string& line : wrong)
    std::fprintf(stderr, "firmware_report: %s: %s\n", o.check.c_str(), line.c_str());
  if (!wrong.empty()) std::fprintf(stderr, "firmware_report: to write the table anew:\n  %s\n", o.again.c_str());
  return wrong.empty();
}

int run(int argc, const char* const* argv) {
  options o;
  if (!parse(argc, argv, o)) return 0;
  for (const std::string& file : {o.write, o.check})
    if (!file.empty()) between_marks(text_of(file));  // before any work is lost for it
  const support::result_file readme(o.write);
  const std::vector<program> programs = read_programs(o.programs);
  std::filesystem::create_directories(o.work);

  std::vector<measured> all;
  for (const program& p : programs) {
    std::fprintf(stderr, "firmware_report: %s for %s\n", p.example.c_str(), p.target.c_str());
    all.push_back(measure(p, o.work));
  }
  const std::vector<goal> goals = goals_of(all);
  std::printf("%s\n%s\n%s", table_of(all).c_str(), table_of(goals).c_str(), json_lines(all, goals).c_str());

  const std::string table = readme_table(all);
  if (!o.write.empty()) readme.write(with_between_marks(text_of(o.write), table));
  if (!o.check.empty() && !is_current(o, table)) return 1;
  const bool kept = std::all_of(goals.begin(), goals.end(), [](const goal& g) { return g.passed(); });
  if (!o.strict || kept) return 0;
  std::fputs("firmware_report: --strict: not all limits are kept\n", stderr);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a write says it too
  return support::run_program("firmware_report", [&] { return run(argc, argv); });
}
