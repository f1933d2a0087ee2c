// SPDX-License-Identifier: MIT
// Are the encoders as small as the entropy and as fast as memory? Measures every goal beside its limit in one run; 0 if
// all are met, 1 if one is not.
//
//   goals                              all, half a minute
//   goals --only '25M' --rounds 21     some, longer
#include <cstdio>

#include <unistd.h>

#include <CLI/CLI.hpp>

#include "goal.hpp"
#include "measure.hpp"
#include "others.hpp"
#include "plan.hpp"
#include "size.hpp"
#include "speed.hpp"
#include "support/command_line.hpp"
#include "support/program.hpp"
#include "support/result_file.hpp"

namespace goals {

void progress(const std::string& what) {
  static const bool terminal = isatty(2) != 0;
  static double last = steady_seconds();
  if (terminal) {
    std::fprintf(stderr, "\r\033[K%s", what.c_str());
  } else if (steady_seconds() - last > 5 && !what.empty()) {  // a line now and then
    std::fprintf(stderr, "%s\n", what.c_str());
    last = steady_seconds();
  }
}

namespace {

bool parse(int argc, const char* const* argv, plan& p) {
  CLI::App app("Measures the goals of speed and size, each beside its limit. Exit code 1: one is not met.");
  app.add_flag("--quick", p.quick, "small sizes, one round: shows that all works; speed is not judged");
  app.add_option("--only", p.only, "the goals whose name has this in it")->type_name("TEXT");
  const CLI::Option* const rounds = app.add_option("--rounds", p.rounds, "times that each is timed [9; 1 if quick]");
  app.add_option("--json", p.json, "results, a line of JSON each")->type_name("FILE");
  if (!support::parse(app, argc, argv)) return false;
  if (p.rounds < 1 || p.rounds > 1000) throw support::bad_input("--rounds: must be 1 to 1000");
  if (p.quick && rounds->count() == 0) p.rounds = 1;

  std::vector<std::string> names = size_names();
  for (const std::string& name : speed_names(p)) names.push_back(name);
  names.push_back(others_name());
  std::string list;
  for (const std::string& name : names) {
    if (p.wants(name)) return true;
    list += (list.empty() ? "" : "; ") + name;
  }
  throw support::bad_input("--only: no goal has `" + p.only + "` in its name; there are: " + list);
}

int run(int argc, const char* const* argv) {
  plan p;
  if (!parse(argc, argv, p)) return 0;
#if !defined(__OPTIMIZE__)
  if (!p.quick) throw support::bad_input("built without optimisation: only --quick makes sense");
#endif
  const support::result_file json(p.json);
  std::vector<result> results = measure_speeds(p);
  for (const result& r : measure_sizes(p)) results.push_back(r);
  const std::vector<other_result> others = measure_others(p);
  progress("");

  bool all_met = true;
  for (const result& r : results) all_met = all_met && r.pass();
  if (!results.empty()) std::fputs(table(results).c_str(), stdout);
  std::fputs(table(others).c_str(), stdout);
  std::fflush(stdout);
  json.write(json_lines(results) + json_lines(others));
  return all_met ? 0 : 1;
}

}  // namespace
}  // namespace goals

int main(int argc, char** argv) {
  return support::run_program("goals", [&] { return goals::run(argc, argv); });
}
