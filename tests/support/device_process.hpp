// SPDX-License-Identifier: MIT
// A device, or its emulator, as a child process whose standard input and output are its serial line.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace test_support {

/// Says what went wrong, and ends the test.
[[noreturn]] inline void fail(const std::string& what) {
  std::fprintf(stderr, "failed: %s\n", what.c_str());
  std::exit(1);
}

class device_process {
 public:
  /// `command` ends with a null pointer; it ends when we do.
  explicit device_process(char** command) : command_(command) { start(); }
  ~device_process() { kill(SIGKILL); }
  device_process(const device_process&) = delete;
  device_process& operator=(const device_process&) = delete;

  /// The next byte, or -1: none yet. A device that ended is a failure.
  int read_byte() {
    if (next_ == size_) {
      pollfd end = {in_, POLLIN, 0};
      if (::poll(&end, 1, 0) <= 0) return -1;
      const ssize_t n = ::read(in_, bytes_, sizeof bytes_);
      if (n <= 0) fail("the device has ended");
      next_ = 0;
      size_ = static_cast<std::size_t>(n);
    }
    return bytes_[next_++];
  }
  /// It leaves when wait() is called.
  void write_byte(std::uint8_t b) { unsent_ += static_cast<char>(b); }
  void write(const std::string& bytes) { unsent_ += bytes; }
  /// Something is left that the line did not take yet.
  bool has_unsent() const { return !unsent_.empty(); }

  /// Writes what the line takes; waits until it takes more or there is something to read, at most for so long. False: it
  /// was for nothing.
  bool wait(int ms) {
    if (next_ != size_) return true;
    pollfd ends[] = {{in_, POLLIN, 0}, {unsent_.empty() ? -1 : out_, POLLOUT, 0}};
    if (::poll(ends, 2, ms) <= 0) return false;
    if (ends[1].revents != 0) {  // a piece of this size fits, says poll: writing does not block
      const ssize_t n = ::write(out_, unsent_.data(), unsent_.size() < 4096 ? unsent_.size() : 4096);
      if (n > 0) unsent_.erase(0, static_cast<std::size_t>(n));
    }
    return true;
  }

  /// Switched off, in the middle of whatever it does, and on again.
  void restart() {
    kill(SIGKILL);
    start();
  }
  /// Asks it to end; its exit code.
  int stop() { return kill(SIGTERM); }

 private:
  void start() {
    int to[2], from[2];
    if (::pipe(to) != 0 || ::pipe(from) != 0) fail("no pipes");
    pid_ = ::fork();
    if (pid_ < 0) fail("no process");
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::dup2(to[0], STDIN_FILENO);
      ::dup2(from[1], STDOUT_FILENO);
      for (const int fd : {to[0], to[1], from[0], from[1]}) ::close(fd);
      ::execvp(command_[0], command_);
      ::_exit(127);
    }
    ::close(to[0]);
    ::close(from[1]);
    in_ = from[0];
    out_ = to[1];
  }
  int kill(int signal) {
    if (pid_ == 0) return 0;
    ::kill(pid_, signal);
    int state = 0;
    ::waitpid(pid_, &state, 0);
    ::close(in_);
    ::close(out_);
    pid_ = 0;
    next_ = size_ = 0;
    unsent_.clear();
    return WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
  }

  char** command_;
  pid_t pid_ = 0;
  int in_ = -1, out_ = -1;
  std::uint8_t bytes_[4096];
  std::size_t next_ = 0, size_ = 0;
  std::string unsent_;
};

}  // namespace test_support
