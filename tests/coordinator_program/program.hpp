// SPDX-License-Identifier: MIT
// The coordinator as a child process, whose log tells the test what to do next.
#pragma once

#include <doctest/doctest.h>
#include <csignal>
#include <functional>
#include <string>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

namespace coordinator_program {

using event = nlohmann::json;
using arguments = std::vector<std::string>;

/// Where the programs are.
inline std::string path_of(const char* variable) {
  const char* const path = std::getenv(variable);
  REQUIRE_MESSAGE(path != nullptr, variable << " must name the program");
  return path;
}
inline std::string node(int rank, int ranks, const std::string& more = "") {
  return "exec " + path_of("NODE") + " --rank " + std::to_string(rank) + " --ranks " + std::to_string(ranks) + " " +
         more;
}
inline std::string nuisance(const std::string& what) { return path_of("NUISANCE") + " " + what; }

/// A process with these descriptors as 0, 1, 2, ...
inline pid_t start(const arguments& all, const std::vector<int>& descriptors) {
  const pid_t pid = ::fork();
  REQUIRE(pid >= 0);
  if (pid != 0) return pid;
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);  // a test that is ended leaves nobody behind
  std::vector<int> high;               // out of the way first
  for (const int fd : descriptors) high.push_back(::fcntl(fd, F_DUPFD_CLOEXEC, 100));
  for (std::size_t i = 0; i < high.size(); ++i) ::dup2(high[i], static_cast<int>(i));
  std::vector<char*> argv;
  for (const std::string& a : all) argv.push_back(const_cast<char*>(a.c_str()));
  argv.push_back(nullptr);
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

inline int exit_code(pid_t pid) {
  int status = 0;
  REQUIRE(::waitpid(pid, &status, 0) == pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/// What a process writes until it, and all that it has started, have ended. A minute of silence is a failure.
class reader {
 public:
  explicit reader(int fd) : fd_(fd) {}
  ~reader() { ::close(fd_); }
  reader(const reader&) = delete;
  reader& operator=(const reader&) = delete;

  /// The next line; false at the end.
  bool next(std::string& line) {
    for (;;) {
      const std::size_t end = text_.find('\n');
      if (end != std::string::npos) {
        line = text_.substr(0, end);
        text_.erase(0, end + 1);
        return true;
      }
      pollfd p = {fd_, POLLIN, 0};
      REQUIRE_MESSAGE(::poll(&p, 1, 60000) == 1, "a minute of silence");
      char buffer[4096];
      const ssize_t n = ::read(fd_, buffer, sizeof buffer);
      REQUIRE(n >= 0);
      if (n == 0) return false;
      text_.append(buffer, static_cast<std::size_t>(n));
    }
  }
  std::string rest() {
    std::string all, line;
    while (next(line)) all += line + "\n";
    return all + text_;
  }

 private:
  int fd_;
  std::string text_;
};

/// A coordinator that runs. Its log is descriptor 3, which its children have too: the end of the log is the end of all.
class running {
 public:
  explicit running(const arguments& options)
      : log_(make_pipe()), errors_(make_pipe()), log(log_[0]), errors(errors_[0]) {
    arguments all = {path_of("COORDINATOR"), "--log", "/dev/fd/3"};
    all.insert(all.end(), options.begin(), options.end());
    ::fcntl(errors_[1], F_SETPIPE_SZ, 1 << 20);  // read at the end only
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    pid = start(all, {null, null, errors_[1], log_[1]});
    for (const int fd : {null, log_[1], errors_[1]}) ::close(fd);
  }
  ~running() {
    if (!ended_) {
      ::kill(pid, SIGKILL);
      ::waitpid(pid, nullptr, 0);
    }
  }

  /// Reads on until `wanted` says so, and returns that event.
  event until(const std::function<bool(const event&)>& wanted) {
    std::string line;
    while (log.next(line)) {
      events.push_back(event::parse(line));
      if (wanted(events.back())) return events.back();
    }
    FAIL("the log has ended: " << errors.rest());
    return {};
  }
  event until(const std::string& name) {
    return until([&](const event& e) { return e["event"] == name; });
  }
  event until_round(unsigned n) {
    return until([&](const event& e) { return e["event"] == "round" && e["round"] == n; });
  }

  /// So many rounds from now.
  event until_next_round(unsigned more) {
    const unsigned now = until("round")["round"];
    return until_round(now + more);
  }

  /// Reads to the end, of the log and of the program: the last line of the log.
  event end(int code = 0) {
    std::string line;
    while (log.next(line)) events.push_back(event::parse(line));
    said = errors.rest();
    CHECK_MESSAGE(exit_code(pid) == code, said);
    ended_ = true;
    REQUIRE(!events.empty());
    CHECK(events.back()["event"] == "stop");
    return events.back();
  }
  bool has(const std::function<bool(const event&)>& wanted) const {
    for (const event& e : events)
      if (wanted(e)) return true;
    return false;
  }
  bool has(const std::string& name) const {
    return has([&](const event& e) { return e["event"] == name; });
  }

 private:
  struct ends {
    int fd[2];
    int operator[](int i) const { return fd[i]; }
  };
  static ends make_pipe() {
    ends e;
    REQUIRE(::pipe2(e.fd, O_CLOEXEC) == 0);
    return e;
  }
  ends log_, errors_;
  bool ended_ = false;

 public:
  reader log, errors;
  pid_t pid;
  std::vector<event> events;
  std::string said;
};

}  // namespace coordinator_program
