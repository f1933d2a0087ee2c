// SPDX-License-Identifier: MIT
// The other end of the line of the sketch arduino_node: a coordinator that runs it under simavr_run as its only worker.
//
//   node_test NET ROUNDS ACCURACY COMMAND...      NET: digits or quarter; COMMAND's stdin and stdout are the line
//
// Its first frame must be a join; noise on the line must not stop it; and after so many rounds the fleet's model must have
// the accuracy, in percent of the digits that nobody trained with.
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "support/child.hpp"
#include "support/mixed_fleet.hpp"
#include "support/mixed_rows.hpp"

namespace {

using support::child;

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "node_test: %s\n", what.c_str());
  std::exit(1);
}

struct port {
  child* device;
  int read() const {
    const int b = device->read();
    if (device->ended()) fail("the device has ended");
    return b;
  }
  bool write(std::uint8_t b) const { return device->write(b); }
};

using line = weir::buffered<weir::byte_stream<port>, mixed::frame_bytes()>;

std::uint32_t now_ms() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(since).count());
}

template <class Net>
double accuracy(weir::span<const weir::fixed16<12>> weights, const mixed::rows& rows) {
  static weir::learner<mixed::number, Net, weir::softmax_cross_entropy, weir::sgd, weir::always> model;
  std::memcpy(static_cast<void*>(model.weights().data()), weights.data(), weights.size() * sizeof weights[0]);
  std::size_t right = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) right += model.hit(rows.x(i), rows.labels[i]) ? 1 : 0;
  return 100.0 * static_cast<double>(right) / static_cast<double>(rows.size());
}

template <class Coordinator>
void expect_join(Coordinator& coordinator, line& to_device, child& device) {
  std::uint8_t frame[mixed::frame_bytes()];
  std::size_t size = 0;
  while ((size = to_device.receive(weir::bytes(frame))) == 0) device.wait(100);
  weir::frame_header h;
  weir::const_bytes body;
  if (weir::wire::open(weir::const_bytes(frame, size), h, body) != weir::status::ok) fail("the first frame is none");
  weir::join_body join;
  if (h.kind != weir::frame_kind::join || h.rank != 0 || weir::join_body::get(body, join) != weir::status::ok ||
      join.fingerprint != Coordinator::fingerprint())
    fail("the first frame is not the join of rank 0 with this fleet's fingerprint");
  const auto outcome = coordinator.handle(weir::const_bytes(frame, size));
  if (outcome.answer.empty()) fail("the coordinator does not answer the join");
  to_device.send(outcome.answer);
}

template <class Net>
int run(int rounds, double wanted, char** command, int words) {
  static mixed::coordinator<Net, 1> coordinator;
  using settings = mixed::settings<Net>;
  coordinator.begin(mixed::link(weir::mean(), weir::target_density(settings::density_down()), mixed::encoder()),
                    weir::fleet_terms(1, settings::steps_per_round(), 0, 0.0f), mixed::seed(), now_ms());
  child device(support::command(command, command + words));
  line lines[1] = {line(weir::byte_stream<port>(port{&device}))};
  expect_join(coordinator, lines[0], device);

  weir::star<line> hub{weir::span<line>(lines)};
  weir::random_bits noise(1);
  while (coordinator.round_number() != rounds) {
    if (coordinator.poll(hub, now_ms()) && coordinator.round_number() % 16 == 0)
      for (int i = 0; i < 300; ++i) device.write(static_cast<std::uint8_t>(noise.next()));  // hits a broadcast, too
    device.wait(100);
  }

  const double got = accuracy<Net>(coordinator.weights(), mixed::test_rows<Net>(support::load_digits()));
  std::printf("%.2f %% after %d rounds\n", got, rounds);
  device.terminate();
  if (device.finish(std::chrono::steady_clock::now() + std::chrono::minutes(1)) != 0)
    fail("the device did not end well");
  if (got < wanted) fail("that is too little");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  if (argc < 5) fail("NET ROUNDS ACCURACY COMMAND...");
  const int rounds = std::atoi(argv[2]);
  const double wanted = std::atof(argv[3]);
  return std::string(argv[1]) == "digits" ? run<mixed::net_digits>(rounds, wanted, argv + 4, argc - 4)
                                          : run<mixed::net_quarter>(rounds, wanted, argv + 4, argc - 4);
}
