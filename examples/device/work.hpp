// SPDX-License-Identifier: MIT
// A worker of the mixed fleet on standard input and output.
#pragma once

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "support/mixed_rows.hpp"

namespace working {

struct options {
  std::string net = "digits";
  std::uint16_t rank = 0;
  std::uint16_t ranks = 1;
  std::uint32_t seed = mixed::seed();
  float rate = mixed::rate();
  float density = 0;            ///< 0: the fleet's
  std::uint16_t resend_ms = 0;  ///< 0: the library's
};

// One for each model, in a file of its own: that is where the templates are instantiated. They return when the line ends.
void work_on_digits(const options& o);
void work_on_quarter(const options& o);

/// Standard input and output, without waiting for either.
class pipe_port {
 public:
  pipe_port() {
    for (const int fd : {0, 1}) ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
  }

  int read() {
    if (at_ == got_) {
      const ssize_t n = ::read(0, in_, sizeof in_);
      if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) ended_ = true;
      at_ = 0;
      got_ = n > 0 ? static_cast<std::size_t>(n) : 0;
    }
    return at_ == got_ ? -1 : in_[at_++];
  }
  bool write(std::uint8_t b) {
    if (out_.size() >= 1024) return false;
    out_.push_back(b);
    return true;
  }

  /// The line has been closed.
  bool ended() const { return ended_; }
  /// Sends what was written and waits until something can be read, or more be written, or for that long.
  void wait(int ms) {
    flush();
    pollfd both[] = {{0, POLLIN, 0}, {out_.empty() ? -1 : 1, POLLOUT, 0}};
    ::poll(both, 2, at_ == got_ ? ms : 0);
  }

 private:
  void flush() {
    const ssize_t n = out_.empty() ? 0 : ::write(1, out_.data(), out_.size());
    if (n > 0) out_.erase(out_.begin(), out_.begin() + n);
    if (n < 0 && errno != EAGAIN && errno != EINTR) ended_ = true;
  }

  std::uint8_t in_[1024];
  std::size_t at_ = 0;
  std::size_t got_ = 0;
  std::vector<std::uint8_t> out_;
  bool ended_ = false;
};

/// A small value, as the library wants its ports.
struct port {
  pipe_port* pipe;
  int read() const { return pipe->read(); }
  bool write(std::uint8_t b) const { return pipe->write(b); }
};

template <class Net>
void work(const options& o) {
  using clock = std::chrono::steady_clock;
  const mixed::rows rows = mixed::share_of<Net>(support::load_digits(), o.rank, o.ranks);
  pipe_port pipe;
  static mixed::node<Net, port> node;  // as on a device: all zero
  auto policies = mixed::make_pipe<Net>(port{&pipe});
  policies.optimizer = weir::sgd(o.rate);
  if (o.density > 0) policies.threshold = weir::target_density(o.density);
  const auto started = clock::now();
  // Not the number of its former life: when two are started in the same microsecond, they have different ranks.
  const auto boot =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch());
  node.begin(policies, weir::rank_t(o.rank), o.seed, static_cast<std::uint16_t>(boot.count() & 0xffff));

  node.set_resend_ms(o.resend_ms);

  mixed::pace pace{};
  bool told = false;
  for (std::size_t row = 0; !pipe.ended();) {
    const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - started);
    node.poll(static_cast<std::uint32_t>(age.count()));
    const bool refused = node.member_state() == weir::membership::refused;
    if (refused && !told) std::fprintf(stderr, "node: refused: %s\n", weir::to_string(node.refusal()));
    told = refused;
    if (pace.next(node)) {
      node.train(rows.x(row), static_cast<weir::index_t>(rows.labels[row]));
      row = row + 1 == rows.size() ? 0 : row + 1;
    } else {
      pipe.wait(100);  // what has to be sent again is not that urgent
    }
  }
}

}  // namespace working
