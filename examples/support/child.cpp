// SPDX-License-Identifier: MIT
#include "child.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace support {

child::child(const command& what, int inherited) : name_(what.at(0)) {
  int to[2], from[2];
  if (::pipe2(to, O_CLOEXEC) != 0 || ::pipe2(from, O_CLOEXEC) != 0)
    throw std::runtime_error(std::string("no pipe: ") + std::strerror(errno));
  std::vector<char*> arguments;
  for (const std::string& a : what) arguments.push_back(const_cast<char*>(a.c_str()));
  arguments.push_back(nullptr);

  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error(std::string("no process: ") + std::strerror(errno));
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // when we are ended, it is not left behind
    std::signal(SIGPIPE, SIG_DFL);
    ::dup2(to[0], STDIN_FILENO);
    ::dup2(from[1], STDOUT_FILENO);
    if (inherited >= 0) ::fcntl(inherited, F_SETFD, 0);
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
  }
  ::close(to[0]);
  ::close(from[1]);
  out_ = to[1];
  in_ = from[0];
  ::fcntl(out_, F_SETFL, O_NONBLOCK);
  ::fcntl(in_, F_SETFL, O_NONBLOCK);
}

child::~child() {
  close_input();
  ::close(in_);
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void child::fetch() {
  const ssize_t n = ::read(in_, bytes_, sizeof bytes_);
  if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) ended_ = true;
  next_ = 0;
  size_ = n > 0 ? static_cast<std::size_t>(n) : 0;
}

int child::read() {
  if (next_ == size_ && !ended_) fetch();
  return next_ == size_ ? -1 : bytes_[next_++];
}

bool child::write(std::uint8_t b) {
  if (out_ < 0) return true;
  const ssize_t n = ::write(out_, &b, 1);  // SIGPIPE is the program's business: it has to ignore it
  return n == 1 || (errno != EAGAIN && errno != EINTR);
}

void child::wait(int ms) {
  pollfd p = {in_, POLLIN, 0};
  if (next_ == size_ && !ended_) ::poll(&p, 1, ms);
}

void child::close_input() {
  if (out_ >= 0) ::close(out_);
  out_ = -1;
}

void child::terminate() { ::kill(pid_, SIGTERM); }

int child::finish(std::chrono::steady_clock::time_point limit) {
  while (!ended_) {
    if (std::chrono::steady_clock::now() > limit) throw std::runtime_error(name_ + " does not end");
    wait(100);
    fetch();
  }
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string output_of(const command& what, int seconds) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  child program(what);
  program.close_input();
  std::string all;
  while (!program.ended()) {
    if (std::chrono::steady_clock::now() > limit) throw std::runtime_error(what.at(0) + " does not end");
    program.wait(100);
    for (int b = program.read(); b >= 0; b = program.read()) all += static_cast<char>(b);
  }
  const int code = program.finish(limit);
  if (code == 0) return all;
  std::string line;
  for (const std::string& a : what) line += (line.empty() ? "" : " ") + a;
  throw std::runtime_error((code == 127 ? "cannot run " : "ended with " + std::to_string(code) + ": ") + line);
}

}  // namespace support
