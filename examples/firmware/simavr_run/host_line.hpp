// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

namespace simavr_run {

/// stdin and stdout as the far end of a serial line. No byte is lost: what the device has no room for waits here, and
/// behind that in the pipe.
class host_line {
 public:
  /// A byte waits for the device.
  bool has_input() const { return next_ < input_.size(); }
  std::uint8_t take() { return static_cast<std::uint8_t>(input_[next_++]); }
  /// A byte from the device; it leaves at the next turn().
  void give(std::uint8_t b) { output_ += static_cast<char>(b); }

  /// Writes what stdout takes and reads what stdin has; waits so long, at most, for either.
  void turn(int wait_ms);

  bool has_output() const { return !output_.empty(); }
  /// So much waits for stdout that the device should stand still.
  bool backed_up() const { return output_.size() > 1 << 16; }
  /// stdin has ended, and all of it was taken.
  bool ended() const { return end_ && !has_input(); }
  /// Nobody reads stdout any more.
  bool broken() const { return broken_; }

 private:
  void read_some();
  void write_some();

  std::string input_, output_;
  std::size_t next_ = 0;  // of input_: what is before it was taken
  bool end_ = false;
  bool broken_ = false;
};

}  // namespace simavr_run
