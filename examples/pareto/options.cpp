// SPDX-License-Identifier: MIT
#include "options.hpp"

#include <algorithm>
#include <cmath>

#include <CLI/CLI.hpp>

#include "support/command_line.hpp"

namespace pareto {
namespace {

using support::bad_input;

template <class Number>
Number number_of(const std::string& flag, const std::string& text) {
  Number value{};
  if (!CLI::detail::lexical_cast(text, value) || !std::isfinite(static_cast<double>(value)) || !(value > 0))
    throw bad_input(flag + ": `" + text + "` is no number above 0, or too large");
  return value;
}

/// W, Fx, or what fleet says: fixed:W, density:P, always.
crest crest_of(const std::string& flag, const std::string& text) {
  if (text.find_first_not_of("0123456789.eE+-x") != std::string::npos || text.empty())
    return {1, fleet::threshold_of(flag, text)};
  if (text.back() == 'x') return {number_of<float>(flag, text.substr(0, text.size() - 1)), {}};
  return {1, fleet::threshold_choice{fleet::crest::fixed, number_of<float>(flag, text)}};
}

/// An option whose value is a list with commas.
template <class Value, class Read>
void add_list(CLI::App& app, const std::string& flag, std::vector<Value>& into, Read read, const std::string& what) {
  app.add_option_function<std::string>(
         flag,
         [&into, flag, read](const std::string& list) {
           for (std::size_t from = 0, to = 0; to != std::string::npos; from = to + 1) {
             to = list.find(',', from);
             into.push_back(read(flag, list.substr(from, to == std::string::npos ? to : to - from)));
           }
         },
         what)
      ->type_name("LIST");
}

void check(const options& o) {
  const fleet::options& c = o.common;
  const auto need = [](bool ok, const char* what) {
    if (!ok) throw bad_input(what);
  };
  fleet::check(c);
  need(o.down_thresholds.empty() || o.down_shares.empty(), "--down-threshold and --down-share: one of them");
  need(c.runs <= UINT32_MAX - c.seed, "--runs and --seed: there are not so many seeds");
  need(o.scout >= std::min<std::uint32_t>(2, c.runs),
       "--scout: must be 2 or more: one seed does not show what is chance");
  need(o.log.empty() || (o.log != c.json && o.log != c.svg), "--log: must be a file of its own");
}

}  // namespace

bool parse(int argc, const char* const* argv, options& o) {
  fleet::options& c = o.common;
  c.runs = 10;
  CLI::App app(
      "Sweeps settings of fleet, and finds those that nobody beats in both: bytes and accuracy.\n"
      "Lists have commas: every value with every other. Start it again with the same --log, and what has been run "
      "counts.");
  fleet::add_training(app, c);
  add_list(app, "--local-steps", o.local_steps, number_of<std::uint16_t>,
           "steps to a round [from half to four times fleet's own]");
  add_list(app, "--server-step", o.server_steps, number_of<float>, "factors of the mean of updates [fleet's own]");
  add_list(app, "--threshold", o.thresholds, crest_of,
           "of workers: W or fixed:W, density:P, always, or Fx: F times fleet's own [0.5x,0.7x,1x,1.4x,2x]");
  add_list(app, "--down-threshold", o.down_thresholds, crest_of,
           "of broadcasts, in the same words; Fx moves with that of workers [1x,1.4x]");
  add_list(app, "--down-share", o.down_shares, number_of<float>, "instead: Wt of broadcasts / Wt of workers");
  add_list(app, "--encoder", o.encoders, fleet::encoding_of, "of both ways [ternary]");
  app.add_option("--warm-up", c.warm_up, "rounds with a lower Wt at first, for all [fleet's own]");
  app.add_option("--runs", c.runs, "seeds for what may be among the best: SEED, SEED + 1, ... [10]");
  app.add_option("--scout", o.scout, "seeds for everything; then twice as many, without what is beaten, and so on [2]");
  app.add_option("--log", o.log, "each run as it ends; read first, and continued")->type_name("FILE");
  app.add_option("--json", c.json, "results, for programs")->type_name("FILE");
  app.add_option("--svg", c.svg, "accuracy against ratio, as a picture")->type_name("FILE");
  app.add_flag("--quiet", c.quiet, "no progress");
  if (!support::parse(app, argc, argv)) return false;
  check(o);
  o.scout = std::min(o.scout, c.runs);
  return true;
}

}  // namespace pareto
