// SPDX-License-Identifier: MIT
// What happens, as lines of JSON: each has `event`, `ms` since the start, and what belongs to it.
//
//   start       the options
//   open        line, and pid if it is a child process       closed   line, why, retry_ms unless it is gone for good
//   rank        line, rank: its frames say so                shared   line, rank, other: another line says so too
//   missing     rank, round: not counted in it               back     rank, round: counted again
//   refused     line, why, count: told of the 1st, 2nd, 4th, 8th, ... time
//   complaint   line, text: what a child process writes to its standard error
//   listening   port
//   round       round, counted, accuracy, hits, wt, bytes_up, bytes_down, weights (CRC-32C)
//   stop        why, rounds, accuracy, weights, bytes_up, bytes_down, lines: all that was counted of each
#pragma once

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include <nlohmann/json.hpp>

namespace serving {

class journal {
 public:
  /// An empty path: nothing is written. Throws support::bad_input if it cannot be.
  explicit journal(const std::string& path);

  /// `what` and what belongs to it, on the disk before this returns.
  void write(const char* event, const nlohmann::ordered_json& what);
  /// Throws std::runtime_error if a line has been lost.
  void close();

 private:
  struct closer {
    void operator()(std::FILE* f) const { std::fclose(f); }
  };
  std::string path_;
  std::unique_ptr<std::FILE, closer> file_;
  bool lost_ = false;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

}  // namespace serving
