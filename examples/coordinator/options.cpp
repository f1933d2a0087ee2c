// SPDX-License-Identifier: MIT
#include "options.hpp"

#include <cmath>

#include <CLI/CLI.hpp>

#include "support/command_line.hpp"
#include "support/dataset.hpp"
#include "support/mixed_fleet.hpp"

namespace serving {
namespace {

void need(bool ok, const char* what) {
  if (!ok) throw support::bad_input(what);
}

void add_lines(CLI::App& app, options& o, const char* flag, line_kind kind, const char* type, const char* what) {
  app.add_option_function<std::string>(
         flag,
         [&o, kind](const std::string& where) {
           o.lines.push_back({kind, where});
         },
         what)
      ->type_name(type)
      ->trigger_on_parse();  // each of many is a line
}

void add_addresses(CLI::App& app, const char* flag, std::vector<std::string>& into, const char* what) {
  app.add_option(flag, into, what)
      ->type_name("[HOST:]PORT")
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void settle(options& o) {
  need(o.net == "digits" || o.net == "quarter", "--net: there are digits and quarter");
  const bool anybody = !o.listen_at.empty() || !o.udp.empty();
  need(anybody || !o.lines.empty(),
       "no lines to serve: give --exec, --device, --pty, --tcp, --listen or --udp, any number of each");
  need(o.ranks != 0 || !anybody, "--ranks: has to be given with --listen and --udp, because anybody may call");
  need(o.ranks <= most_ranks && o.lines.size() <= most_ranks, "--ranks: must be 1 to 1024");
  if (o.ranks == 0) o.ranks = static_cast<std::uint16_t>(o.lines.size());
  need(o.quorum <= o.ranks, "--quorum: cannot be more than there are ranks");
  need(o.until_accuracy >= 0 && o.until_accuracy <= 100, "--until-accuracy: must be a percentage");
  need(o.density >= 0 && o.density <= 0.9f, "--density: must be above 0 and at most 0.9");
  need(o.server_step >= 1.0f / 16 && o.server_step <= 16, "--server-step: must be 1/16 to 16");
  need(o.epoch >= -1 && o.epoch <= 0xffff, "--epoch: must be 0 to 65535");
  need(o.every >= 1, "--every: must be 1 or more");
}

}  // namespace

bool parse(int argc, const char* const* argv, options& o) {
  o.seed = mixed::seed();
  CLI::App app("Serves a fleet: gathers the updates of devices on serial lines, and broadcasts.");
  add_lines(app, o, "--exec", line_kind::command, "COMMAND",
            "a child process, whose standard input and output are a line");
  add_lines(app, o, "--device", line_kind::device, "PATH[:BAUD]", "a serial device [115200 baud]");
  add_lines(app, o, "--pty", line_kind::terminal, "LINK", "a new pseudo terminal; the symbolic link LINK leads to it");
  add_lines(app, o, "--tcp", line_kind::tcp, "HOST:PORT", "connects there");
  add_addresses(app, "--listen", o.listen_at, "serves whoever connects here");
  add_addresses(app, "--udp", o.udp, "serves whoever sends datagrams here");
  app.add_option("--net", o.net, "digits (64-16-10) or quarter (digits 0 to 3 at half the resolution, 16-8-4) [digits]")
      ->type_name("NAME");
  app.add_option("--ranks", o.ranks, "workers of the fleet [as many as there are lines]");
  app.add_option("--quorum", o.quorum, "a round closes when so many ranks have been counted [all]");
  app.add_option(
      "--deadline", o.deadline_ms,
      "milliseconds after which a round closes with those that have been counted, at least one; 0: it waits [0]");
  app.add_option("--rounds", o.rounds, "stops after so many; 0: goes on [0]");
  app.add_option("--until-accuracy", o.until_accuracy,
                 "stops when so many percent of the test rows are right; not to get there in --rounds is a failure");
  app.add_option("--steps", o.steps, "batches to a round, told to workers that join [16; quarter: 32]");
  app.add_option("--density", o.density, "share of the weights in a broadcast [0.02; quarter: 0.1]");
  app.add_option("--server-step", o.server_step, "factor of the mean of updates, rounded to sixteenths [1]");
  app.add_option("--seed", o.seed, "of the initial weights; the workers' too [1]");
  app.add_option(
      "--epoch", o.epoch,
      "of a coordinator without --state: another number than that of its former lives, or nodes believe that it "
      "knows what was said to them [by chance]");
  app.add_option("--every", o.every, "where there is no terminal for a table: rounds to a printed line [10]");
  app.add_option("--log", o.log, "what happens, for programs: a line of JSON each")->type_name("FILE");
  app.add_option("--state", o.state,
                 "what has to outlast this program: stopped anyhow, kill -9 or a loss of power, and started again with "
                 "the same "
                 "options, it goes on where it was")
      ->type_name("FILE");
  if (!support::parse(app, argc, argv)) return false;
  settle(o);
  return true;
}

}  // namespace serving
