// SPDX-License-Identifier: MIT
// The coordinator as its user has it: programs, pipes, signals. No clock decides: the log says when to go on, and
// where every rank is waited for, the weights are known to the bit.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <cstdlib>
#include <set>

#include "program.hpp"
#include "reference.hpp"

using namespace coordinator_program;

namespace {

arguments operator+(arguments a, const arguments& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

arguments nodes(int ranks, const std::string& more = "") {
  arguments all;
  for (int rank = 0; rank < ranks; ++rank) all = all + arguments{"--exec", node(rank, ranks, more)};
  return all;
}

bool is(const event& e, const char* name, const char* key, const event& value) {
  return e["event"] == name && e.contains(key) && e[key] == value;
}

/// The line of this rank in the last event.
event line_of(const event& stop, int rank) {
  for (const event& l : stop["lines"])
    if (l.contains("rank") && l["rank"] == rank) return l;
  FAIL("no line of rank " << rank);
  return {};
}

}  // namespace

TEST_CASE("four children learn the digits, and to the bit what they learn without lines") {
  const std::string weights = reference_weights<mixed::net_digits>(4, 120);
  running first(nodes(4) + arguments{"--rounds", "120"});
  running second(nodes(4) + arguments{"--rounds", "120"});
  const event a = first.end(), b = second.end();
  CHECK(a["weights"] == weights);
  CHECK(b["weights"] == weights);
  CHECK(a["why"] == "rounds");
  CHECK(a["rounds"] == 120);
  CHECK(a["accuracy"] > 88.0);
  std::uint64_t up = 0, down = 0;
  for (const event& l : a["lines"]) {
    CHECK(l["updates"] == 120);
    CHECK(l["refused"].empty());
    CHECK(l["dropped"] == 0);
    up += l["bytes_up"].get<std::uint64_t>();
    down += l["bytes_down"].get<std::uint64_t>();
  }
  CHECK(a["bytes_up"] == up);
  CHECK(a["bytes_down"] == down);
  unsigned round = 0;
  for (const event& e : first.events)
    if (e["event"] == "round") {
      CHECK(e["round"] == ++round);
      CHECK(e["counted"] == 4);
    }
  CHECK(round == 120);
}

TEST_CASE("two children learn the digits 0 to 3 at half the resolution") {
  running fleet({"--net", "quarter", "--exec", node(0, 2, "--net quarter"), "--exec", node(1, 2, "--net quarter"),
                 "--until-accuracy", "85", "--rounds", "400"});
  const event stop = fleet.end();
  CHECK(stop["why"] == "accuracy");
  CHECK(stop["accuracy"] >= 85.0);
  CHECK(stop["weights"] == reference_weights<mixed::net_quarter>(2, stop["rounds"]));
}

TEST_CASE("all kinds of lines in one fleet") {
  const std::string folder = path_of("WORK"), link = folder + "/line";
  const int called = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  REQUIRE(::bind(called, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0);
  REQUIRE(::listen(called, 4) == 0);
  REQUIRE(::getsockname(called, reinterpret_cast<sockaddr*>(&at), &size) == 0);
  const int master = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  REQUIRE((::grantpt(master) == 0 && ::unlockpt(master) == 0));
  const std::string device = ::ptsname(master);

  running fleet({"--listen", "127.0.0.1:0", "--ranks", "5", "--rounds", "20", "--exec", node(0, 5), "--device",
                 device + ":9600", "--pty", link, "--tcp", "127.0.0.1:" + std::to_string(ntohs(at.sin_port))});
  const event listening = fleet.until("listening");
  const auto start_node = [](int rank, int line) {
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    const pid_t pid = start({path_of("NODE"), "--rank", std::to_string(rank), "--ranks", "5"}, {line, line, null});
    ::close(null);
    ::close(line);
    return pid;
  };
  std::vector<pid_t> started;
  ::close(::accept4(called, nullptr, nullptr, SOCK_CLOEXEC));  // a peer that hangs up: it is called again
  started.push_back(start_node(1, ::accept4(called, nullptr, nullptr, SOCK_CLOEXEC)));
  ::close(called);
  started.push_back(start_node(2, master));
  started.push_back(start_node(3, ::open(link.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC)));
  const int caller = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  at.sin_port = htons(listening["port"].get<std::uint16_t>());
  REQUIRE(::connect(caller, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0);
  started.push_back(start_node(4, caller));

  const event stop = fleet.end();
  CHECK(stop["weights"] == reference_weights<mixed::net_digits>(5, 20));
  CHECK(stop["lines"].size() == 5);
  for (int rank = 0; rank < 5; ++rank) CHECK(line_of(stop, rank)["updates"] == 20);
  CHECK(fleet.has([](const event& e) { return is(e, "closed", "why", "the line has ended"); }));
  CHECK(::access(link.c_str(), F_OK) != 0);
  for (const pid_t pid : started) {
    ::kill(pid, SIGTERM);
    ::waitpid(pid, nullptr, 0);
  }
}

TEST_CASE("garbage, half frames, foreign frames and floods change nothing, and are told of") {
  running fleet(nodes(3) + arguments{"--ranks", "3", "--exec", nuisance("noise 0"), "--exec", nuisance("half"),
                                     "--exec", nuisance("foreign"), "--exec", nuisance("rank"), "--exec",
                                     nuisance("refused")});
  std::set<std::string> reasons;
  fleet.until([&](const event& e) {
    if (e["event"] == "refused") reasons.insert(e["why"].get<std::string>());
    return reasons.count("noise") + reasons.count("truncated") + reasons.count("wrong epoch") +
               reasons.count("wrong rank") + reasons.count("too big") ==
           5;
  });
  const event round = fleet.until_next_round(20);
  CHECK(round["counted"] == 3);
  CHECK(round["weights"] == reference_weights<mixed::net_digits>(3, round["round"]));
  ::kill(fleet.pid, SIGTERM);
  const event stop = fleet.end();
  std::size_t told = 0;
  for (const event& e : fleet.events) told += e["event"] == "refused" ? 1 : 0;
  CHECK(told < 5 * 3 * 64);  // at most once for each power of two: floods do not fill the log
  for (const event& l : stop["lines"]) {
    const bool is_node = l.contains("rank");
    CHECK(l["refused"].empty() == is_node);
    CHECK((l["updates"] >= round["round"]) == is_node);
  }
}

TEST_CASE("a node that talks garbage first is as good as the others, and every byte is counted") {
  const std::string patient = "--resend 60000";  // what is sent again counts, too
  running clean(nodes(2, patient) + arguments{"--rounds", "10"});
  running noisy(
      {"--exec", node(0, 2, patient), "--exec", nuisance("noise 5000") + "; " + node(1, 2, patient), "--rounds", "10"});
  const event a = clean.end(), b = noisy.end();
  CHECK(a["weights"] == b["weights"]);
  CHECK(line_of(b, 0) == line_of(a, 0));
  CHECK(!line_of(b, 1)["refused"].empty());
  CHECK(line_of(b, 1)["bytes_up"] == line_of(a, 1)["bytes_up"].get<int>() + 5001);
}

TEST_CASE("a child that hangs from the start does not stop a quorum") {
  running fleet(
      {"--exec", node(0, 3), "--exec", node(1, 3), "--exec", "exec sleep 1000", "--quorum", "2", "--rounds", "30"});
  const event stop = fleet.end();
  CHECK(stop["rounds"] == 30);
  CHECK(fleet.has([](const event& e) { return is(e, "missing", "rank", 2) && e["round"] == 1; }));
}

TEST_CASE("a child that hangs in the middle does not stop a round with a deadline, and counts when it goes on") {
  running fleet(nodes(3) + arguments{"--deadline", "50"});
  const int hung = fleet.until([](const event& e) { return e["event"] == "open"; })["pid"];
  fleet.until([](const event& e) { return is(e, "round", "counted", 3); });
  ::kill(hung, SIGSTOP);
  fleet.until([](const event& e) { return is(e, "missing", "rank", 0); });
  CHECK(fleet.until_next_round(10)["counted"] < 3);
  ::kill(hung, SIGCONT);
  fleet.until([](const event& e) { return is(e, "back", "rank", 0); });
  ::kill(fleet.pid, SIGTERM);
  CHECK(fleet.end()["why"] == "signal");
}

TEST_CASE("a child that is killed is started again, and joins again") {
  running fleet(nodes(3));
  int killed = 0;
  fleet.until([&](const event& e) {
    if (e["event"] == "open" && e["line"] == node(1, 3)) killed = e["pid"];
    return e["event"] == "round" && e["round"] == 20;
  });
  REQUIRE(killed != 0);
  ::kill(killed, SIGKILL);
  const event closed = fleet.until("closed");
  CHECK(closed["line"] == node(1, 3));
  CHECK(closed["why"] == "ended by signal 9");
  CHECK(closed["retry_ms"] == 100);
  CHECK(fleet.until("open")["pid"] != killed);
  CHECK(fleet.until("rank")["rank"] == 1);
  const event round = fleet.until_next_round(50);
  CHECK(round["counted"] == 3);
  ::kill(fleet.pid, SIGTERM);
  CHECK(line_of(fleet.end(), 1)["updates"] >= round["round"]);
}

TEST_CASE("a child that ends is started again ever later; what it says and how it ended is told") {
  running fleet({"--exec", "echo no such sensor >&2; exit 3"});
  int wait = 100;
  for (int i = 0; i < 3; ++i, wait *= 2) {
    const event closed = fleet.until("closed");
    CHECK(closed["why"] == "ended with exit code 3");
    CHECK(closed["retry_ms"] == wait);
  }
  CHECK(fleet.has([](const event& e) { return is(e, "complaint", "text", "no such sensor"); }));
  ::kill(fleet.pid, SIGINT);
  CHECK(fleet.end()["rounds"] == 0);
}

TEST_CASE("half a frame of a child that ended is not mixed up with what the next one says") {
  const std::string mark = path_of("WORK") + "/mark";
  ::unlink(mark.c_str());
  const std::string first = "test -e " + mark + " || { touch " + mark + "; printf 'half a frame'; exit 1; }; ";
  running fleet({"--exec", first + node(0, 1, "--resend 60000"), "--rounds", "5"});
  CHECK(fleet.until("closed")["why"] == "ended with exit code 1");
  const event stop = fleet.end();
  CHECK(stop["lines"][0]["refused"].empty());
  CHECK(stop["weights"] == reference_weights<mixed::net_digits>(1, 5));
}

TEST_CASE("two lines that claim one rank are told of, and the fleet goes on") {
  running fleet({"--exec", node(0, 2), "--exec", node(1, 2), "--exec", node(1, 2, "--lr 0.01"), "--ranks", "2"});
  const event shared = fleet.until("shared");
  CHECK(shared["rank"] == 1);
  CHECK(shared["line"] != shared["other"]);
  CHECK(fleet.until_next_round(50)["counted"] == 2);
  ::kill(fleet.pid, SIGTERM);
  fleet.end();
}

TEST_CASE("a signal ends it cleanly, and all that it has started") {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    running fleet(nodes(2) + arguments{"--exec", "sleep 1000 & sleep 1000", "--ranks", "2"});
    fleet.until_round(5);
    ::kill(fleet.pid, signal);
    const event stop = fleet.end();  // the end of all that have the log
    CHECK(stop["why"] == "signal");
    CHECK(stop["accuracy"] > 0);
  }
}

TEST_CASE("a child that will not end is killed, at once if somebody is impatient") {
  running fleet({"--exec", "trap '' TERM; echo ready >&2; while true; do sleep 1000; done"});
  fleet.until("complaint");
  ::kill(fleet.pid, SIGTERM);
  fleet.until("stop");
  ::kill(fleet.pid, SIGTERM);
  fleet.end();
}

TEST_CASE("bad options are refused with a sentence") {
  struct bad {
    arguments options;
    const char* sentence;
  };
  const std::string folder = path_of("WORK");
  const bad all[] = {
      {{}, "no lines to serve: give --exec, --device, --pty, --tcp, --listen or --udp"},
      {{"--exec", ""}, "--exec: needs a command"},
      {{"--net", "cifar", "--exec", "x"}, "--net: there are digits and quarter"},
      {{"--listen", "0"}, "--ranks: has to be given with --listen and --udp"},
      {{"--udp", "0"}, "--ranks: has to be given with --listen and --udp"},
      {{"--exec", "x", "--quorum", "2"}, "--quorum: cannot be more than there are ranks"},
      {{"--exec", "x", "--ranks", "1025"}, "--ranks: must be 1 to 1024"},
      {{"--exec", "x", "--density", "nan"}, "--density: must be above 0 and at most 0.9"},
      {{"--exec", "x", "--server-step", "0.01"}, "--server-step: must be 1/16 to 16"},
      {{"--exec", "x", "--until-accuracy", "101"}, "--until-accuracy: must be a percentage"},
      {{"--exec", "x", "--rounds", "many"}, "--rounds"},
      {{"--exec", "x", "--every", "0"}, "--every: must be 1 or more"},
      {{"--exec", "x", "--no-such-option"}, "--no-such-option"},
      {{"--device", "/dev/null:12345"}, "--device: no serial line has 12345 baud here"},
      {{"--device", ":9600"}, "--device: needs the path of a device"},
      {{"--pty", "/"}, "--pty: `/` is there already, and leads to no pseudo terminal"},
      {{"--pty", folder + "/no/such/folder"}, "--pty: cannot make the link"},
      {{"--tcp", "4000"}, "--tcp: `4000` must be HOST:PORT"},
      {{"--tcp", "127.0.0.1:99999"}, "the port must be a number up to 65535"},
      {{"--tcp", "256.0.0.1.:1"}, "--tcp: `256.0.0.1.:1`"},
      {{"--listen", "203.0.113.7:0", "--ranks", "1"}, "--listen: cannot listen at `203.0.113.7:0`"},
      {{"--exec", "x", "--log", folder + "/no/such/folder"}, "--log: cannot write"},
  };
  for (const bad& b : all) {
    CAPTURE(b.sentence);
    int errors[2];
    REQUIRE(::pipe2(errors, O_CLOEXEC) == 0);
    const pid_t pid = start(arguments{path_of("COORDINATOR")} + b.options, {0, 1, errors[1]});
    ::close(errors[1]);
    const std::string said = reader(errors[0]).rest();
    CHECK(exit_code(pid) == 2);
    CHECK(said.rfind("coordinator: ", 0) == 0);
    CHECK_MESSAGE(said.find(b.sentence) != std::string::npos, said);
    CHECK(said.find('\n') == said.size() - 1);
  }
}

TEST_CASE("what cannot be done is a failure: an accuracy that is not reached, a full disk") {
  running never(nodes(1) + arguments{"--rounds", "2", "--until-accuracy", "100"});
  never.end(1);
  CHECK(never.said.find("--until-accuracy: not reached in 2 rounds") != std::string::npos);

  int errors[2];
  REQUIRE(::pipe2(errors, O_CLOEXEC) == 0);
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  const pid_t pid = start(arguments{path_of("COORDINATOR"), "--log", "/dev/full", "--rounds", "2"} + nodes(1),
                          {null, null, errors[1]});
  ::close(errors[1]);
  ::close(null);
  const std::string said = reader(errors[0]).rest();
  CHECK(exit_code(pid) == 1);
  CHECK(said.find("--log: lines are missing") != std::string::npos);
}

TEST_CASE("a node tells why it is refused, and of bad options") {
  running fleet({"--exec", node(0, 2, "--net quarter"), "--ranks", "1"});
  CHECK(fleet.until("complaint")["text"] == "device: refused: wrong model");
  ::kill(fleet.pid, SIGTERM);
  fleet.end();
  for (const arguments& bad : {arguments{"--net", "cifar"}, arguments{"--rank", "1"}, arguments{"--ranks", "0"},
                               arguments{"--lr", "nan"}, arguments{"--density", "1"}, arguments{"--what"}}) {
    int errors[2];
    REQUIRE(::pipe2(errors, O_CLOEXEC) == 0);
    const pid_t pid = start(arguments{path_of("NODE")} + bad, {0, 1, errors[1]});
    ::close(errors[1]);
    const std::string said = reader(errors[0]).rest();
    CHECK(exit_code(pid) == 2);
    CHECK(said.rfind("device: ", 0) == 0);
  }
}
