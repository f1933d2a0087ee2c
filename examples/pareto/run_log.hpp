// SPDX-License-Identifier: MIT
// What has been run, and a file of it, so that a sweep that was stopped goes on where it was. The first line says what all
// runs have in common; then a line of JSON for each run, whole and on the disk before the next begins:
//
//   seed, run ("dense", or the words of the exchange: fleet::exchange_words), accuracy, bytes_up, bytes_down, bytes_on_air,
//   frames_up, frames_down, stream_hash, parameters, steps, rounds, density_up, density_down, wt_up, wt_down,
//   saturated_per_step, seconds
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "fleet/options.hpp"

namespace pareto {

class run_log {
 public:
  /// Reads what is there; an empty path: no file. A last line that was torn is cut off. Throws support::bad_input, and
  /// changes nothing, if the file is no such log, is of other settings, or is in use.
  run_log(const std::string& path, const fleet::options& common, const support::dataset& data);
  ~run_log();
  run_log(const run_log&) = delete;
  run_log& operator=(const run_log&) = delete;

  /// Null: has not been run yet. Curves are not kept.
  const fleet::outcome* find(const std::string& run, std::uint32_t seed) const;
  /// Throws std::runtime_error if it cannot be written. Any thread.
  void add(const std::string& run, std::uint32_t seed, fleet::outcome of);

 private:
  void open(const std::string& first);
  void read(const std::string& text, const std::string& first);
  void append(const std::string& line);

  std::string path_;
  int file_ = -1;
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, std::uint32_t>, fleet::outcome> runs_;
};

}  // namespace pareto
