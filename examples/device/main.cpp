// SPDX-License-Identifier: MIT
// A worker of the mixed fleet on a host: its line are its standard input and output.

#include <CLI/CLI.hpp>
#include <csignal>

#include "support/command_line.hpp"
#include "support/program.hpp"
#include "work.hpp"

namespace {

using support::bad_input;
using working::options;

bool parse(int argc, const char* const* argv, options& o) {
  CLI::App app("A worker of the mixed fleet; its line are its standard input and output.");
  app.add_option("--net", o.net, "digits or quarter [digits]")->type_name("NAME");
  app.add_option("--rank", o.rank, "which worker of the fleet this is, from 0 [0]");
  app.add_option("--ranks", o.ranks, "workers of the fleet: it trains with its share of the rows [1]");
  app.add_option("--seed", o.seed, "of the initial weights; the coordinator's too [1]");
  app.add_option("--lr", o.rate, "learning rate [0.03]");
  app.add_option("--density", o.density, "share of the weights in an update [0.01; quarter: 0.05]");
  app.add_option("--resend", o.resend_ms, "milliseconds until what was not answered is sent again [4000]");
  if (!support::parse(app, argc, argv)) return false;
  if (o.net != "digits" && o.net != "quarter") throw bad_input("--net: there are digits and quarter");
  if (o.ranks < 1 || o.ranks > 128) throw bad_input("--ranks: must be 1 to 128, or a share would be too small");
  if (o.rank >= o.ranks) throw bad_input("--rank: must be less than --ranks");
  if (!(o.rate > 0 && o.rate < 1)) throw bad_input("--lr: must be above 0 and below 1");
  if (!(o.density >= 0 && o.density <= 0.9f)) throw bad_input("--density: must be above 0 and at most 0.9");
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  return support::run_program("node", [&] {
    options o;
    if (!parse(argc, argv, o)) return 0;
    o.net == "digits" ? working::work_on_digits(o) : working::work_on_quarter(o);
    return 0;
  });
}
