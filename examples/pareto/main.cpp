// SPDX-License-Identifier: MIT
// How many bytes, at what accuracy? Trains fleets with many settings, finds those that no other beats in both, and says how
// fleet repeats them.
//
//   pareto --runs 4 --log digits.log --svg pareto.svg           digits, 8 workers
//   pareto --local-steps 3,6 --threshold 0.05,0.07 --down-share 0.5,0.7 --encoder ternary,logarithmic4
#include <chrono>
#include <cstdio>
#include <vector>

#include "grid.hpp"
#include "options.hpp"
#include "report.hpp"
#include "run_log.hpp"
#include "support/program.hpp"
#include "support/result_file.hpp"
#include "sweep.hpp"

namespace {

int run(int argc, const char* const* argv) {
  pareto::options o;
  if (!pareto::parse(argc, argv, o)) return 0;
  const support::result_file json(o.common.json), svg(o.common.svg);
  const support::dataset data = fleet::load(o.common);
  const std::vector<fleet::options> settings = pareto::grid(o, data);
  pareto::run_log log(o.log, settings.front(), data);

  const auto started = std::chrono::steady_clock::now();
  const std::vector<pareto::point> all = pareto::sweep(o, settings, data, log);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  std::fputs(pareto::table(data, all).c_str(), stdout);
  std::fflush(stdout);
  json.write(pareto::json_text(o, all, seconds));
  svg.write(pareto::svg_text(data, all));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return support::run_program("pareto", [&] { return run(argc, argv); });
}
