// SPDX-License-Identifier: MIT
#include "line.hpp"

#include <algorithm>
#include <csignal>

#include <sys/wait.h>

namespace serving {

std::string line::close() {
  std::string how;
  if (connection_.child != 0) {
    ::kill(-connection_.child, SIGKILL);  // one that ends already keeps its exit code
    if (!ended) ::waitpid(connection_.child, &end_status, 0);
    how = WIFEXITED(end_status) ? "ended with exit code " + std::to_string(WEXITSTATUS(end_status))
                                : "ended by signal " + std::to_string(WTERMSIG(end_status));
  }
  connection_ = connection();
  socket_ = nullptr;
  receiver_ = weir::cobs_receiver();
  since_zero_ = 0;
  unsent_.clear();
  sent_ = 0;
  rank.reset();
  refusal.reset();
  joined = false;
  ended = false;
  complaint.clear();
  return how;
}

void line::put_off(moment now) {
  next_try_ = now + std::chrono::milliseconds(100u << std::min(tries_, 6u));
  ++tries_;
}

void line::send(weir::const_bytes frame) {
  if (!is_open()) return;
  if (socket_ != nullptr) {
    const bool sent = send_to(*socket_, peer_, frame);
    sent ? ++counts.frames_down : ++counts.dropped;
    counts.bytes_down += sent ? frame.size() : 0;
    return;
  }
  unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<std::ptrdiff_t>(sent_));
  sent_ = 0;
  if (unsent_.size() + frame.size() + frame.size() / 254 + 2 > most_unsent) {
    ++counts.dropped;  // whoever is there asks for it when it comes back
    return;
  }
  weir::cobs_sender sender{};
  for (sender.start(frame); !sender.idle();) unsent_.push_back(sender.next());
  ++counts.frames_down;
  flush();
}

bool line::flush() {
  while (has_unsent()) {
    const ssize_t put = ::write(connection_.to_write(), unsent_.data() + sent_, unsent_.size() - sent_);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return errno == EAGAIN;
    sent_ += static_cast<std::size_t>(put);
    counts.bytes_down += static_cast<std::uint64_t>(put);
  }
  return true;
}

}  // namespace serving
