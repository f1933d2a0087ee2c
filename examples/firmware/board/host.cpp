// SPDX-License-Identifier: MIT
// A POSIX process: standard input and output are the line, and its end is the end.
#include "board.hpp"

#include <fcntl.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>

namespace board {
namespace {

uint64_t started;
uint8_t arrived[256];
size_t used, filled;

uint64_t now() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1000 + static_cast<uint64_t>(t.tv_nsec) / 1000000;
}

// True when there is something to read.
bool wait(int timeout_ms) {
  pollfd line = {STDIN_FILENO, POLLIN, 0};
  return poll(&line, 1, timeout_ms) == 1;
}

}  // namespace

void begin() { started = now(); }

int read() {
  if (used == filled) {
    if (!wait(0)) return -1;
    const ssize_t got = ::read(STDIN_FILENO, arrived, sizeof arrived);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return -1;
    if (got <= 0) stop(0);  // nobody is there any more
    used = 0;
    filled = static_cast<size_t>(got);
  }
  return arrived[used++];
}

bool write(uint8_t b) {
  const ssize_t done = ::write(STDOUT_FILENO, &b, 1);
  if (done < 0 && errno != EINTR && errno != EAGAIN) stop(0);
  return done == 1;
}

uint32_t milliseconds() { return static_cast<uint32_t>((now() - started) / 10 * 10); }

void idle() {
  if (used == filled) wait(10);
}

void stop(uint8_t code) { _exit(code); }

size_t stack_peak() { return 0; }  // not measured

}  // namespace board
