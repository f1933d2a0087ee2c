// SPDX-License-Identifier: MIT
// radio_test DEVICE...
//
// DEVICE is a node whose line carries packets of 51 bytes, worker 0 of a fleet of 8 whose others are here. It trains twice:
// on a line that loses nothing, and on one that loses one packet in five, either way. The weights must be the same, bit for
// bit.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "../support/fleet_in_memory.hpp"
#include "firmware/report/air.hpp"

namespace {

using fleet = test_support::fleet_in_memory<mixed::net_digits>;
using std::chrono::steady_clock;

constexpr unsigned rounds = 25;
constexpr std::size_t packet = 51;
constexpr std::uint16_t ranks = 8;

/// Says what went wrong, and ends the test.
[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "radio_test: %s\n", what.c_str());
  std::exit(1);
}

class training {
 public:
  training(const support::command& device, std::uint32_t one_in)
      : device_(device),
        air_(device_, one_in),
        line_(weir::fragmented<air::end, mixed::frame_bytes(), packet>(air::end(air_), report_ms)),
        fleet_(ranks, 0) {}

  void run() {
    for (unsigned round = 0; round < rounds; ++round) {
      fleet_.train();
      while (fleet_.center().counted() != ranks) turn();
      const weir::const_bytes broadcast = fleet_.close_round();
      while (line_.send(broadcast) == weir::status::busy) turn();
    }
  }
  std::string weights() const { return fleet_.weights(); }
  const firmware_report::air<packet>& line() const { return air_; }

 private:
  using air = firmware_report::air<packet>;
  static constexpr std::uint16_t report_ms = 50;

  void turn() {
    const auto now = steady_clock::now();
    if (now > limit_) fail("a minute, and the rounds are not over");
    if (device_.ended()) fail("the device has ended");
    line_.tick(static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count()));
    std::uint8_t frame[mixed::frame_bytes()];
    const std::size_t size = line_.receive(weir::bytes(frame));
    if (size == 0) return device_.wait(5);
    const auto o = fleet_.center().handle(weir::const_bytes(frame, size));
    if (o.result != weir::status::ok && o.result != weir::status::repeated)
      fail(std::string("the device said what is to be refused: ") + weir::to_string(o.result));
    if (!o.answer.empty()) line_.send(o.answer);  // when busy: the device asks again
  }

  const steady_clock::time_point limit_ = steady_clock::now() + std::chrono::minutes(1);
  support::child device_;
  air air_;
  firmware_report::frames_by_air<mixed::frame_bytes(), packet> line_;
  fleet fleet_;
};

}  // namespace

int main(int argc, char** argv) {
  const support::command device(argv + 1, argv + argc);
  if (device.empty()) fail("usage: radio_test DEVICE...");
  training calm(device, 0), lossy(device, 5);
  calm.run();
  lossy.run();
  const auto &all = calm.line(), &some = lossy.line();
  std::printf(
      "weights %s; of packets lost %u; of pieces %u, reports %u; without loss: weights %s, pieces %u, reports %u\n",
      lossy.weights().c_str(), some.lost(), some.pieces(), some.reports(), calm.weights().c_str(), all.pieces(),
      all.reports());
  if (calm.weights() != lossy.weights()) fail("packets that got lost have changed the weights");
  if (all.pieces() == 0 || some.reports() == 0) fail("no frame went in pieces, or none of them got lost");
  return 0;
}
