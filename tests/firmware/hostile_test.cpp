// SPDX-License-Identifier: MIT
// hostile_test NET RANK RANKS COMMAND...
//
// COMMAND is a device, worker RANK of a fleet of RANKS, whose serial line is its standard input and output; the rest of the
// fleet is here. The line says all that it should not: hostile_words.hpp, a little of it at any time, and now and then
// without a pause, for seconds of the line, until the device has trained and said its update in spite of it. The device must
// say nothing that it should not; and the fleet must get to the very weights that a fleet without all that gets to, also
// when the device is switched off in the middle and on again.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "../support/fleet_in_memory.hpp"
#include "../support/hostile_words.hpp"
#include "support/child.hpp"

namespace {

using namespace test_support;
using support::child;
using weir::frame_kind;
using weir::status;

constexpr unsigned rounds = 40;  // of them the last few in peace
constexpr unsigned peace = 5;
constexpr unsigned restart_after = 20;  // rounds
const std::string zero(1, '\0');
// Bytes of a flood: at least, two seconds of the line; at most, until the device must have said its update.
constexpr std::size_t shortest_flood = 2 * 11764, longest_flood = 1 << 26;

/// Says what went wrong, and ends the test.
[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "hostile_test: %s\n", what.c_str());
  std::exit(1);
}

/// The line to a device that can be switched off; what is written waits here until the line takes it.
class device_line {
 public:
  explicit device_line(const support::command& device) : command_(device) { restart(); }

  void write(const std::string& bytes) { unsent_ += bytes; }
  bool has_unsent() const { return sent_ != unsent_.size(); }

  /// The next byte that the device says. A minute of silence is a failure.
  int read() {
    const int b = device_->read();
    if (b >= 0) {
      silent_ms_ = 0;
      return b;
    }
    if (device_->ended()) fail("the device has ended");
    while (has_unsent() && device_->write(static_cast<std::uint8_t>(unsent_[sent_]))) ++sent_;
    if (!has_unsent()) {
      unsent_.clear();
      sent_ = 0;
    }
    const int wait_ms = has_unsent() ? 1 : 100;
    device_->wait(wait_ms);
    if ((silent_ms_ += wait_ms) > 60000) fail("a minute of silence");
    return -1;
  }

  /// Off, in the middle of whatever it does, and on.
  void restart() {
    device_.reset();
    device_ = std::make_unique<child>(command_);
    unsent_.clear();
    sent_ = 0;
    silent_ms_ = 0;
  }

 private:
  support::command command_;
  std::unique_ptr<child> device_;
  std::string unsent_;
  std::size_t sent_ = 0;
  int silent_ms_ = 0;
};

template <class Net>
class siege {
  using fleet = fleet_in_memory<Net>;
  using center = typename fleet::coordinator;
  using words = hostile_words<Net>;

 public:
  siege(std::uint16_t rank, std::uint16_t ranks, const support::command& command)
      : rank_(rank), fleet_(ranks, rank), words_(17, true, rank, ranks), dice_(3), device_(command) {}

  void run() {
    for (unsigned round = 0; round < rounds; ++round) {
      if (round == restart_after) restart();
      hostile_ = round < rounds - peace;
      if (round == 8) flood_ = words_.pour(words::flood::noise, 4096);
      if (round == 12) flood_ = words_.pour(words::flood::no_zero, 4096);
      if (round == 16) flood_ = words_.pour(words::flood::words, 4096);
      if (round == 24) flood_ = words_.pour(words::flood::zeros, 4096);
      insult(2);
      fleet_.train();
      serve_until_counted();
      if (!flood_.empty()) device_.write(zero);
      flood_.clear();
      const weir::const_bytes broadcast = fleet_.close_round();
      if (round == 4) {  // it does not arrive; the device has to say its update again
        device_.write(line_of(broadcast).substr(0, broadcast.size() / 2));
        device_.write(zero);
      } else {
        device_.write(line_of(broadcast));
      }
      words_.set_round(static_cast<std::uint16_t>(round + 1));
    }
  }
  std::string weights() const { return fleet_.weights(); }
  void report() const {
    std::printf("%u updates, %u other frames; hostile bytes: %zu; weights %s\n", updates_, others_, hostile_bytes_,
                weights().c_str());
  }

 private:
  static std::string line_of(weir::const_bytes frame) {
    std::string line;
    weir::cobs_sender sender{};
    for (sender.start(frame); !sender.idle();) line += static_cast<char>(sender.next());
    return line;
  }

  // A few words, so few that what comes behind them still fits the 127 bytes of a ring that nobody empties meanwhile.
  void insult(unsigned most) {
    if (!hostile_) return;
    std::string all;
    for (unsigned i = dice_.below(most + 1); i > 0; --i) {
      const std::string one = words_.next();
      if (all.size() + one.size() < 60) all += one;
    }
    hostile_bytes_ += all.size();
    device_.write(all);
  }
  void go_on_flooding() {
    if (flood_.empty() || device_.has_unsent()) return;
    device_.write(flood_);
    hostile_bytes_ += flood_.size();
    flooded_ += flood_.size();
    if (flooded_ > longest_flood) fail("the device does nothing but to listen to a flood");
  }
  void restart() {
    device_.restart();
    receiver_ = weir::cobs_receiver();
    bare_ = 0;
    sequence_ = -1;
  }

  void serve_until_counted() {
    flooded_ = 0;
    while (fleet_.center().counted() != fleet_.center().ranks() || (!flood_.empty() && flooded_ < shortest_flood)) {
      go_on_flooding();
      const int b = device_.read();
      if (b >= 0) take(static_cast<std::uint8_t>(b));
    }
  }
  void take(std::uint8_t b) {
    const std::size_t size = receiver_.take(b, weir::bytes(frame_));
    if (size == 0 && b == 0 && bare_ != 0) fail("the device says what is no frame");
    bare_ = b == 0 ? 0 : bare_ + 1;
    if (size == 0) return;
    const weir::const_bytes frame(frame_, size);
    check(frame);
    const auto o = fleet_.center().handle(frame);
    if (o.result != status::ok && o.result != status::repeated)
      fail(std::string("the device said what is to be refused: ") + weir::to_string(o.result));
    if (!o.answer.empty()) {
      insult(1);
      if (!flood_.empty()) device_.write(zero);
      device_.write(line_of(o.answer));
    }
  }

  // Is it what this worker may say now?
  void check(weir::const_bytes frame) {
    weir::frame_header h{};
    weir::const_bytes body;
    const status opened = weir::wire::open(frame, h, body);
    if (opened != status::ok) fail(std::string("the device said a frame that is ") + weir::to_string(opened));
    if (!weir::from_worker(h.kind)) fail("the device speaks like a coordinator");
    if (h.rank != rank_) fail("the device speaks for another rank");
    const auto round = fleet_.center().round_number();
    if (h.kind != frame_kind::join && static_cast<std::uint8_t>(round - h.round_number) > 1)
      fail("the device speaks of a round that is not");
    if (h.kind != frame_kind::update) {
      ++others_;
      return;
    }
    if (sequence_ >= 0 && h.sequence != sequence_ && h.sequence != sequence_ + 1) fail("a sequence has been left out");
    updates_ += h.sequence != sequence_ ? 1 : 0;
    sequence_ = h.sequence;
  }

  std::uint16_t rank_;
  fleet fleet_;
  words words_;
  weir::random_bits dice_;
  device_line device_;
  weir::cobs_receiver receiver_{};
  std::uint8_t frame_[mixed::frame_bytes()];
  std::string flood_;  // said over and over, if not empty
  std::size_t bare_ = 0, flooded_ = 0, hostile_bytes_ = 0;
  unsigned updates_ = 0, others_ = 0;
  int sequence_ = -1;
  bool hostile_ = true;
};

template <class Net>
int run(std::uint16_t rank, std::uint16_t ranks, const support::command& command) {
  fleet_in_memory<Net> in_peace(ranks);
  in_peace.rounds(restart_after);
  in_peace.restart(rank);
  in_peace.rounds(rounds - restart_after);

  siege<Net> under_siege(rank, ranks, command);
  under_siege.run();
  under_siege.report();
  if (under_siege.weights() != in_peace.weights()) fail("in peace, the fleet gets to weights " + in_peace.weights());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  const std::string net = argc >= 5 ? argv[1] : "";
  const int rank = argc >= 5 ? std::atoi(argv[2]) : -1, ranks = argc >= 5 ? std::atoi(argv[3]) : 0;
  if ((net != "digits" && net != "quarter") || ranks < 1 || ranks > 16 || rank < 0 || rank >= ranks)
    fail("usage: hostile_test digits|quarter RANK RANKS COMMAND...");
  const support::command device(argv + 4, argv + argc);
  return net == "digits" ? run<mixed::net_digits>(std::uint16_t(rank), std::uint16_t(ranks), device)
                         : run<mixed::net_quarter>(std::uint16_t(rank), std::uint16_t(ranks), device);
}
