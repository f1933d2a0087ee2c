// SPDX-License-Identifier: MIT
// The coordinator is killed at any moment, again and again, and serves a thousand devices.
// WEIR_KILLS=1000 in the environment kills it more often than CI does.
#include <doctest/doctest.h>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <sys/resource.h>
#include <unistd.h>
#include <weir/host/durable_coordinator.hpp>
#include <weir/host/journal_file.hpp>

#include "coordinator/options.hpp"
#include "device/lines.hpp"
#include "program.hpp"
#include "support/mixed_rows.hpp"

using namespace coordinator_program;

namespace {

using net = mixed::net_digits;
using coordinator = mixed::coordinator<net, serving::most_ranks>;
using tcp_node = mixed::node_over<net, working::tcp_lines::transport>;
constexpr weir::index_t n = net::parameters();

/// A device, and the books of what it has sent.
struct device {
  explicit device(mixed::rows r) : rows(std::move(r)) {}

  mixed::rows rows;
  tcp_node worker{};
  mixed::pace pace{};
  std::size_t row = 0;
  std::vector<std::uint8_t> last;
  std::vector<std::int64_t> sent = std::vector<std::int64_t>(n);
  unsigned frames = 0;

  void turn(std::uint32_t now_ms, bool training) {
    worker.poll(now_ms);
    if (worker.in_flight()) note();
    if (!training || !pace.next(worker)) return;
    worker.train(rows.x(row), static_cast<weir::index_t>(rows.labels[row]));
    row = (row + 1) % rows.size();
  }
  void note() {
    const weir::const_bytes frame = worker.frame();
    if (std::vector<std::uint8_t>(frame.begin(), frame.end()) == last) return;
    last.assign(frame.begin(), frame.end());
    weir::frame_header h;
    weir::const_bytes body;
    REQUIRE(weir::wire::open(frame, h, body) == weir::status::ok);
    mixed::encoder::decode<std::int32_t>(body, n, adder{&sent});
    ++frames;
  }
  struct adder {
    std::vector<std::int64_t>* to;
    void operator()(weir::index_t i, std::int32_t v) const { (*to)[i] += v; }
  };
};

unsigned kills() {
  const char* text = std::getenv("WEIR_KILLS");
  return text != nullptr ? static_cast<unsigned>(std::strtoul(text, nullptr, 10)) : 60;
}

std::uint64_t resident_pages(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/statm");
  std::uint64_t all = 0, resident = 0;
  in >> all >> resident;
  return resident;
}

}  // namespace

TEST_CASE("killed at any moment, it loses nothing that it has acknowledged, and counts nothing twice") {
  constexpr std::uint16_t ranks = 4;
  const std::string state = path_of("WORK") + "/state";
  for (const char* more : {"", ".new", ".lock"}) ::unlink((state + more).c_str());
  const auto options = [&](int port) {
    return arguments{
        "--listen", "127.0.0.1:" + std::to_string(port), "--ranks", std::to_string(ranks), "--steps", "2", "--state",
        state};
  };
  auto center = std::make_unique<running>(options(0));
  const int port = center->until("listening")["port"];

  const support::dataset digits = support::load_digits();
  working::tcp_lines lines("127.0.0.1:" + std::to_string(port), ranks);
  std::deque<device> devices;
  for (std::uint16_t rank = 0; rank < ranks; ++rank) {
    devices.emplace_back(mixed::share_of<net>(digits, rank, ranks));
    devices.back().worker.begin(mixed::make_pipe_over<net>(lines.line(rank)), weir::rank_t(rank), mixed::seed());
    devices.back().worker.set_resend_ms(50);
  }
  const auto started = std::chrono::steady_clock::now();
  const auto turn = [&](bool training) {
    const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started);
    REQUIRE(age < std::chrono::minutes(10));
    for (device& d : devices) d.turn(static_cast<std::uint32_t>(age.count()), training);
    lines.wait(1);
  };

  weir::random_bits random(1);
  std::set<std::uint16_t> rounds;
  for (unsigned k = kills(); k > 0; --k) {
    // So many frames later, be it in a life that has hardly begun; and a moment more.
    const unsigned before = devices.front().frames, more = random.below(12);
    while (devices.front().frames < before + more) turn(true);
    for (unsigned turns = random.below(4); turns > 0; --turns) turn(true);
    rounds.insert(devices.front().worker.round_number());
    center.reset();  // kill -9
    center = std::make_unique<running>(options(port));
  }
  const auto quiet = [&] {
    for (const device& d : devices)
      if (d.worker.in_flight() || d.worker.round_number() != devices.front().worker.round_number() ||
          d.worker.member_state() != weir::membership::member)
        return false;
    return true;
  };
  center->until("listening");  // from now on a signal ends it in order
  while (!quiet()) turn(false);
  ::kill(center->pid, SIGTERM);
  const event stop = center->end();
  CHECK(rounds.size() > kills() / 4);

  // gain * all that was sent = divisor * all that was broadcast + what is left, in each weight.
  weir::journal_file file(state);
  weir::durable_coordinator<coordinator, weir::journal_file> saved(file);
  const weir::mean mean(16, 4);
  REQUIRE(
      saved.begin(mixed::link(mean, weir::target_density(0.02f), mixed::encoder()), weir::fleet_terms(ranks, 2, 0, 0)));
  const coordinator& c = saved.center();
  CHECK(c.round_number() == devices.front().worker.round_number());
  CHECK(stop["rounds"] == c.round_number());
  CHECK(c.saturated() == 0);
  std::vector<coordinator::weight> first(n);
  net::initialize(first.data(), mixed::seed());
  unsigned wrong = 0, moved = 0;
  for (weir::index_t i = 0; i < n; ++i) {
    std::int64_t sent = 0;
    for (const device& d : devices) sent += d.sent[i];
    const std::int64_t broadcast = first[i].raw - c.weights()[i].raw;
    if (16 * sent != static_cast<std::int64_t>(c.divisor()) * broadcast + c.pending()[i].raw) ++wrong;
    if (broadcast != 0) ++moved;
    for (device& d : devices)
      if (d.worker.weights()[i].raw != c.weights()[i].raw) ++wrong;
  }
  CHECK(wrong == 0);
  CHECK(moved > 100);
  unsigned frames = 0;
  for (const device& d : devices) frames += d.frames;
  MESSAGE(kills() << " kills, " << c.round_number() << " rounds, " << frames << " updates, each of them once");
}

TEST_CASE("a thousand devices, a hundred rounds: nothing is lost, and the memory is flat") {
  // A socket's buffer has room for two to three hundred datagrams; more at a time are lost, and come again a second later.
  const std::pair<std::string, unsigned> kinds[] = {{"tcp", 1000}, {"udp", 200}};
  for (const auto& [kind, count] : kinds) {
    CAPTURE(kind);
    const std::string ranks = std::to_string(count);
    running center(
        {kind == "tcp" ? "--listen" : "--udp", "127.0.0.1:0", "--ranks", ranks, "--steps", "1", "--rounds", "100"});
    const int port = center.until("listening")["port"];
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    const pid_t devices = start({path_of("NODE"), "--count", ranks, "--ranks", ranks, "--" + kind,
                                 "127.0.0.1:" + std::to_string(port), "--resend", "1000"},
                                {null, null, null});
    ::close(null);
    center.until_round(20);
    const std::uint64_t before = resident_pages(center.pid);
    center.until_round(99);
    const std::uint64_t after = resident_pages(center.pid);
    const event stop = center.end();
    ::kill(devices, SIGTERM);
    exit_code(devices);
#if !defined(__SANITIZE_ADDRESS__)  // which keeps for a while what is freed
    CHECK(after <= before + before / 50);
#endif
    CHECK(stop["rounds"] == 100);
    CHECK(stop["lines"].size() == count);
    unsigned updates = 0;
    for (const event& l : stop["lines"]) updates += l["updates"].get<unsigned>();
    CHECK(updates == 100 * count);
    MESSAGE(kind << ": " << stop["ms"].get<double>() / 1000 << " s, " << before * 4 << " kB after 20 rounds, "
                 << after * 4 << " kB after 99");
  }
}
