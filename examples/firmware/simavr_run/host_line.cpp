// SPDX-License-Identifier: MIT
#include "host_line.hpp"

#include <cerrno>

#include <poll.h>
#include <unistd.h>

namespace simavr_run {
namespace {

// poll() says that one piece of this size fits a pipe: neither end has to be made non-blocking, which would change them
// for whoever else holds them.
constexpr std::size_t piece = 4096;

}  // namespace

void host_line::turn(int wait_ms) {
  const bool hungry = !end_ && input_.size() - next_ < piece;
  pollfd ends[2] = {{hungry ? STDIN_FILENO : -1, POLLIN, 0},
                    {STDOUT_FILENO, static_cast<short>(output_.empty() ? 0 : POLLOUT), 0}};
  if (poll(ends, 2, wait_ms) <= 0) return;  // nothing, or a signal
  if (ends[1].revents & (POLLERR | POLLHUP | POLLNVAL)) broken_ = true;
  if (!broken_ && (ends[1].revents & POLLOUT)) write_some();
  if (ends[0].revents) read_some();
}

void host_line::read_some() {
  if (next_ == input_.size()) {
    input_.clear();
    next_ = 0;
  }
  char bytes[piece];
  const ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
  if (n > 0) input_.append(bytes, static_cast<std::size_t>(n));
  if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN)) end_ = true;
}

void host_line::write_some() {
  const std::size_t size = output_.size() < piece ? output_.size() : piece;
  const ssize_t n = write(STDOUT_FILENO, output_.data(), size);
  if (n > 0) output_.erase(0, static_cast<std::size_t>(n));
  if (n < 0 && errno != EINTR && errno != EAGAIN) broken_ = true;
}

}  // namespace simavr_run
