// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>

#include "plan.hpp"

namespace fleet {

/// A JSON line for each round, written as it ends, so that others can follow. An empty path: nothing.
class round_log {
 public:
  /// Throws support::bad_input if nothing can be written there. What stood there is gone.
  explicit round_log(const std::string& path);

  bool wanted() const { return file_ != nullptr; }
  /// Runs may call it side by side.
  void add(std::uint32_t seed, const round_report& r);
  /// Throws std::runtime_error if a line could not be written.
  void close();

 private:
  struct closes {
    void operator()(std::FILE* f) const { std::fclose(f); }
  };
  std::string path_;
  std::unique_ptr<std::FILE, closes> file_;
  std::mutex mutex_;
  int error_ = 0;  // errno of the first line that was lost
};

}  // namespace fleet
