// SPDX-License-Identifier: MIT
// Other programs: what they print, or both ends of a serial line to them.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

namespace support {

/// A program, by its path or a name for PATH, and its arguments.
using command = std::vector<std::string>;

/// A program that runs; its stdin and stdout are the far end of a serial line. It does not outlive this object.
class child {
 public:
  /// `inherited`: a descriptor that it has too, under the same number; -1: none. Throws std::runtime_error.
  explicit child(const command& what, int inherited = -1);
  ~child();
  child(const child&) = delete;
  child& operator=(const child&) = delete;

  /// The next byte, or -1: none yet, or none any more.
  int read();
  /// False: its stdin is full. What it does not read any more is lost.
  bool write(std::uint8_t b);
  /// Until there is something to read; at most so long.
  void wait(int ms);
  /// It has closed its stdout.
  bool ended() const { return ended_; }

  void close_input();
  /// SIGTERM
  void terminate();
  /// Drops what it still prints, and waits. Returns its exit code, or 128 and the signal that ended it. Throws
  /// std::runtime_error if it has not ended at `limit`.
  int finish(std::chrono::steady_clock::time_point limit);

 private:
  void fetch();

  std::string name_;
  pid_t pid_ = -1;
  int in_ = -1, out_ = -1;
  std::uint8_t bytes_[4096];
  std::size_t next_ = 0, size_ = 0;
  bool ended_ = false;
};

/// What the program prints; it has no input, and stderr is ours. Throws std::runtime_error unless it ends with 0, and
/// within so many seconds.
std::string output_of(const command& what, int seconds = 120);

}  // namespace support
