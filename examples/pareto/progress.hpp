// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>

namespace pareto {

/// How far a sweep is, on stderr: one line that is written over on a terminal; elsewhere a line for each finished run.
class progress {
 public:
  explicit progress(bool quiet);
  ~progress();
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;

  /// `have` of the `total` runs are there already.
  void begin(const std::string& stage, std::size_t total, std::size_t have);
  /// A run that has come so far, after `before`: shares of it in [0, 1]. Any thread.
  void tell(const std::string& what, double before, double share);

 private:
  std::string left() const;

  bool quiet_;
  bool terminal_;
  std::string stage_;
  std::size_t total_ = 0, have_ = 0, ended_ = 0;
  double done_ = 0;  // runs, and parts of them, since begin()
  std::chrono::steady_clock::time_point started_;
  std::mutex mutex_;
};

}  // namespace pareto
