// SPDX-License-Identifier: MIT
#include "options.hpp"

#include <CLI/CLI.hpp>

#include "support/command_line.hpp"

namespace working {

using support::bad_input;

bool parse(int argc, const char* const* argv, options& o) {
  CLI::App app("Workers of the mixed fleet. Without --tcp or --udp one, whose line are its standard input and output.");
  app.add_option("--tcp", o.tcp, "the coordinator; called again whenever the line is lost")->type_name("HOST:PORT");
  app.add_option("--udp", o.udp, "the coordinator")->type_name("HOST:PORT");
  app.add_option("--net", o.net, "digits or quarter [digits]")->type_name("NAME");
  app.add_option("--rank", o.rank, "which worker of the fleet this is, from 0 [0]");
  app.add_option("--count", o.count,
                 "so many workers, of this rank and the next ones, each with a line of its own [1]");
  app.add_option("--ranks", o.ranks, "workers of the fleet: it trains with its share of the rows [1]");
  app.add_option("--rounds", o.rounds, "takes leave after so many; 0: goes on [0]");
  app.add_option("--seed", o.seed, "of the initial weights; the coordinator's too [1]");
  app.add_option("--lr", o.rate, "learning rate [0.03]");
  app.add_option("--density", o.density, "share of the weights in an update [0.01; quarter: 0.05]");
  app.add_option("--resend", o.resend_ms, "milliseconds until what was not answered is sent again [4000]");
  if (!support::parse(app, argc, argv)) return false;
  if (o.net != "digits" && o.net != "quarter") throw bad_input("--net: there are digits and quarter");
  const std::uint16_t most = o.net == "digits" ? 1024 : 512;
  if (o.ranks < 1 || o.ranks > most)
    throw bad_input("--ranks: must be 1 to " + std::to_string(most) + ", or a share would be too small");
  if (o.rank >= o.ranks) throw bad_input("--rank: must be less than --ranks");
  if (o.count < 1 || o.count > o.ranks - o.rank)
    throw bad_input("--count: must be 1 to as many as --ranks has from --rank on");
  if (!o.tcp.empty() && !o.udp.empty()) throw bad_input("--tcp and --udp: one of them");
  if (o.count > 1 && o.tcp.empty() && o.udp.empty()) throw bad_input("--count: needs --tcp or --udp");
  if (!(o.rate > 0 && o.rate < 1)) throw bad_input("--lr: must be above 0 and below 1");
  if (!(o.density >= 0 && o.density <= 0.9f)) throw bad_input("--density: must be above 0 and at most 0.9");
  return true;
}

}  // namespace working
