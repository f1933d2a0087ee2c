// SPDX-License-Identifier: MIT
// The real coordinator, two Unos in simavr, and lines and accidents that nobody wishes for. No clock decides: where it is
// known who is counted in each round, the weights are known to the bit.
#include <set>

#include "../coordinator_program/program.hpp"
#include "../support/fleet_in_memory.hpp"

using namespace coordinator_program;

namespace {

using fleet = test_support::fleet_in_memory<mixed::net_quarter>;

std::string uno(int rank) { return "exec " + path_of(rank == 0 ? "UNO_0" : "UNO_1"); }
std::string hostile(int rank, int seed) {
  return "exec " + path_of("HOSTILE") + " quarter " + std::to_string(rank) + " 2 " + std::to_string(seed);
}

/// No update of a hostile line was counted, and nothing that an honest one said refused.
void check_lines(const event& stop) {
  for (const event& l : stop["lines"]) {
    CAPTURE(l.dump());
    const bool honest = l["line"].get<std::string>().find("hostile") == std::string::npos;
    CHECK(l["refused"].empty() == honest);
    CHECK((l["updates"] != 0) == honest);
  }
}

}  // namespace

TEST_CASE("among lines that say all that they should not, two Unos get to the weights that they get to in peace") {
  running all({"--net", "quarter", "--epoch", "0", "--ranks", "2", "--exec", uno(0), "--exec", hostile(0, 1), "--exec",
               uno(1), "--exec", hostile(1, 2), "--exec", hostile(1, 3), "--rounds", "100"});
  const event stop = all.end();
  fleet in_peace(2);
  in_peace.rounds(100);
  CHECK(stop["weights"] == in_peace.weights());
  check_lines(stop);
  std::set<std::string> reasons;
  for (const event& e : all.events)
    if (e["event"] == "refused") reasons.insert(e["why"].get<std::string>());
  for (const char* why :
       {"noise", "truncated", "damaged", "wrong version", "wrong model", "wrong rank", "wrong kind", "malformed"}) {
    CAPTURE(why);
    CHECK(reasons.count(why) == 1);
  }
}

TEST_CASE("a hostile node in the place of a rank does not stop a quorum, nor a deadline") {
  fleet alone(2, 1);
  alone.rounds(60);
  for (const std::string way : {"--quorum", "--deadline"}) {
    CAPTURE(way);
    running all({"--net", "quarter", "--epoch", "0", "--ranks", "2", "--exec", uno(0), "--exec", hostile(1, 4), way,
                 way == "--quorum" ? "1" : "20", "--rounds", "60"});
    const event stop = all.end();
    CHECK(stop["weights"] == alone.weights());
    check_lines(stop);
    CHECK(all.has([](const event& e) { return e["event"] == "missing" && e["rank"] == 1; }));
  }
}

TEST_CASE("an Uno that is switched off in the middle of a round, again and again, comes back, and all are counted") {
  running all({"--net", "quarter", "--epoch", "0", "--ranks", "2", "--exec", uno(0), "--exec", uno(1)});
  for (int times = 0; times < 4; ++times) {
    CAPTURE(times);
    const std::string victim = uno(times % 2);
    all.until_next_round(7);
    int pid = 0;
    for (const event& e : all.events)
      if (e["event"] == "open" && e["line"] == victim) pid = e["pid"];
    REQUIRE(pid != 0);
    ::kill(pid, SIGKILL);
    const event closed = all.until("closed");
    CHECK(closed["line"] == victim);
    CHECK(closed["why"] == "ended by signal 9");
    CHECK(all.until("open")["pid"] != pid);
    CHECK(all.until("rank")["rank"] == times % 2);
    CHECK(all.until_next_round(20)["counted"] == 2);
  }
  const event learned = all.until([](const event& e) { return e["event"] == "round" && e["accuracy"] > 85.0; });
  CHECK(learned["counted"] == 2);
  ::kill(all.pid, SIGTERM);
  const event stop = all.end();
  for (const event& l : stop["lines"]) CHECK(l["refused"].empty());
}
