// SPDX-License-Identifier: MIT
#include "run.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>

#include <nlohmann/json.hpp>

#include "emulator.hpp"
#include "fleet_of_one.hpp"

namespace firmware_report {
namespace {

/// The whole number behind `before` in `text`.
double number_in(const std::string& text, const std::string& before) {
  std::smatch found;
  if (!std::regex_search(text, found, std::regex("(^|\n)" + before + "([0-9]+)")))
    throw std::runtime_error("it did not say `" + before + "`, but:\n" + text);
  return std::stod(found[2]);
}

/// What simavr_run has written by --report: sets the marks, returns the stack.
std::uint32_t read_report(const std::string& file, result& r) {
  std::ifstream in(file);
  std::optional<std::uint32_t> stack;
  std::string line;
  while (std::getline(in, line)) {
    const nlohmann::json j = nlohmann::json::parse(line);
    if (j.contains("mark"))
      r.marks[j["mark"]] = {j["min"], j["mean"], j["max"], j["count"]};
    else
      stack = j.at("stack_peak").get<std::uint32_t>();
  }
  if (!stack) throw std::runtime_error("there is no report in " + file);
  return *stack;
}

using std::chrono::steady_clock;

/// A life of a node on its emulator: so many rounds. Sets stack and marks.
void live(const program& p, const std::string& elf, const std::string& folder, fleet_of_one& fleet, int rounds,
          bool losing, result& r) {
  const std::string beside = folder + "/" + std::filesystem::path(elf).filename().string();
  const steady_clock::time_point limit = steady_clock::now() + std::chrono::minutes(2);
  std::uint32_t stack = 0;
  if (p.is_avr()) {
    support::command line = p.run;
    line.insert(line.end(), {"--report", beside + ".jsonl", elf});
    support::child device(line);
    fleet.serve(device, rounds, losing, limit);
    device.terminate();
    if (device.finish(limit) != 0) throw std::runtime_error("it did not end well");
    stack = read_report(beside + ".jsonl", r);
  } else {
    emulator machine(p, elf, beside + ".ram");
    fleet.serve(machine.device(), rounds, losing, limit);
    stack = machine.stop(limit);
  }
  r.stack_peak = std::max(r.stack_peak.value_or(0), stack);
}

/// How many rounds of a fleet of one show that a node learns.
int rounds_of(const std::string& net) { return net == "digits" ? 60 : net == "gru" ? 400 : 120; }

/// Runs it to its end.
std::string said_by(const program& p, const std::string& elf, const std::string& folder,
                    const support::command& options, result& r) {
  support::command line = p.run;
  const std::string report = folder + "/" + std::filesystem::path(elf).filename().string() + ".jsonl";
  if (p.is_avr()) line.insert(line.end(), {"--report", report});
  line.insert(line.end(), options.begin(), options.end());
  line.push_back(elf);
  const std::string said = support::output_of(line);
  if (p.is_avr()) r.stack_peak = read_report(report, r);
  return said;
}

}  // namespace

result run(const program& p, const std::string& elf, const std::string& folder) {
  result r;
  switch (p.does) {
    case behaviour::none: break;
    case behaviour::measure: said_by(p, elf, folder, {}, r); break;
    case behaviour::selftest: {
      const std::string said = said_by(p, elf, folder, {}, r);
      r.accuracy = 100 * number_in(said, "hits ") / number_in(said, "of ");
      if (!p.is_avr()) r.stack_peak = static_cast<std::uint32_t>(number_in(said, "# stack "));
      break;
    }
    case behaviour::learner:
      r.accuracy = number_in(said_by(p, elf, folder, {"--until", "looks like"}, r), "saved: ") / 2;  // of 200
      break;
    case behaviour::node: {
      const auto fleet = make_fleet_of_one(p.net, p.number, p.rank, p.packet);
      live(p, elf, folder, *fleet, rounds_of(p.net), false, r);
      r.accuracy = fleet->accuracy();
      result again;  // switched off and on, it fetches the weights, and then what it misses: all ways through the code
      live(p, elf, folder, *fleet, 8, true, again);
      r.stack_peak = std::max(*r.stack_peak, *again.stack_peak);
      break;
    }
  }
  return r;
}

}  // namespace firmware_report
