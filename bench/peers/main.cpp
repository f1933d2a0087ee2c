// SPDX-License-Identifier: MIT
// The same net, weights, batch and steps by weir and by another library, on one thread, in turn. First both train side by side,
// and must come to the same losses; then both are timed.
//
//   peers                     all, half a minute
//   peers --only GRU --json FILE
#include <cmath>
#include <cstdio>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "goals/measure.hpp"
#include "problem.hpp"
#include "support/command_line.hpp"
#include "support/program.hpp"
#include "support/result_file.hpp"

namespace peers {
namespace {

struct plan {
  std::string only;
  std::string json;
  int rounds = 9;
  double seconds = 0.2;
};

struct result {
  std::string net, peer;
  double ours, theirs, ratio;  // samples a second, medians; the median of the rounds' ratios
};

void check_agreement(const contest& c) {
  for (int step = 0; step < 20; ++step) {
    const float a = c.ours->loss(), b = c.theirs->loss();
    if (!(std::fabs(a - b) <= 1e-3f * (1 + std::fabs(b))))
      throw std::runtime_error(c.net + ": after " + std::to_string(step) + " steps our loss is " + std::to_string(a) +
                               ", that of " + c.peer + " is " + std::to_string(b));
    c.ours->step();
    c.theirs->step();
  }
}

double samples_per_second(trainer& t, double seconds) {
  const double begin = goals::steady_seconds();
  double passed = 0;
  int steps = 0;
  do {
    for (int i = 0; i < 5; ++i) t.step();
    steps += 5;
    passed = goals::steady_seconds() - begin;
  } while (passed < seconds);
  return steps * batch() / passed;
}

result measure(const contest& c, const plan& p) {
  check_agreement(c);
  std::vector<double> ours, theirs, ratios;
  for (int round = 0; round < p.rounds; ++round) {
    std::fprintf(stderr, "%s beside %s: round %d of %d\n", c.net.c_str(), c.peer.c_str(), round + 1, p.rounds);
    ours.push_back(samples_per_second(*c.ours, p.seconds));
    theirs.push_back(samples_per_second(*c.theirs, p.seconds));
    ratios.push_back(ours.back() / theirs.back());
  }
  return {c.net, c.peer, goals::median(ours), goals::median(theirs), goals::median(ratios)};
}

int run(int argc, const char* const* argv) {
  plan p;
  CLI::App app("Trains the same nets by weir and by other libraries, and prints samples a second.");
  app.add_option("--only", p.only, "the nets or peers whose name has this in it")->type_name("TEXT");
  app.add_option("--rounds", p.rounds, "times that each is timed [9]");
  app.add_option("--seconds", p.seconds, "of each such time [0.2]");
  app.add_option("--json", p.json, "results, a line of JSON each")->type_name("FILE");
  if (!support::parse(app, argc, argv)) return 0;
  if (p.rounds < 1 || p.rounds > 1000) throw support::bad_input("--rounds: must be 1 to 1000");
  if (!(p.seconds > 0 && p.seconds <= 60)) throw support::bad_input("--seconds: must be above 0, and 60 at most");

  const support::result_file json(p.json);
  std::string lines;
  bool any = false;
  for (const contest& c : all_contests()) {
    if ((c.net + " " + c.peer).find(p.only) == std::string::npos) continue;
    if (!any) std::printf("%-18s %-9s %14s %14s %7s\n", "net", "peer", "samples/s", "peer's", "ratio");
    any = true;
    const result r = measure(c, p);
    std::printf("%-18s %-9s %14.0f %14.0f %7.2f\n", r.net.c_str(), r.peer.c_str(), r.ours, r.theirs, r.ratio);
    std::fflush(stdout);
    lines += nlohmann::json{{"net", r.net},
                            {"peer", r.peer},
                            {"samples_per_second", r.ours},
                            {"peer_samples_per_second", r.theirs},
                            {"ratio", r.ratio}}
                 .dump() +
             "\n";
  }
  if (!any) throw support::bad_input("--only: nothing here has `" + p.only + "` in its name");
  json.write(lines);
  return 0;
}

}  // namespace
}  // namespace peers

int main(int argc, char** argv) {
  return support::run_program("peers", [&] { return peers::run(argc, argv); });
}
