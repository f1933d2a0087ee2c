// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace simavr_run {

/// What mark() and unmark() measured, by id.
class meters {
 public:
  /// The device wrote `id` (0: the last measure ends) when so many cycles had passed.
  void write(std::uint8_t id, std::uint64_t cycle);

  /// Measures that have not ended.
  std::size_t open() const { return open_.size(); }
  /// {"mark":1,"count":3,"min":100,"mean":101.5,"max":104}, a line for each id.
  std::string json_lines() const;

 private:
  struct meter {
    std::uint64_t count, min, max, sum;
  };
  struct start {
    std::uint8_t id;
    std::uint64_t cycle;
  };
  std::map<std::uint8_t, meter> all_;
  std::vector<start> open_;
};

}  // namespace simavr_run
