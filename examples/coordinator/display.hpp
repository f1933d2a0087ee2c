// SPDX-License-Identifier: MIT
// What a person sees: on a terminal a table that is kept up to date, elsewhere a line now and then.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "line.hpp"

namespace serving {

/// The whole fleet at a moment.
struct overview {
  const std::vector<std::unique_ptr<line>>& lines;
  moment now;
  std::uint32_t round;
  std::uint16_t counted;  ///< in the open round
  std::uint16_t ranks;
  double accuracy;
  float wt;  ///< of the last broadcast
  std::uint64_t bytes_up;
  std::uint64_t bytes_down;
};

class display {
 public:
  explicit display(std::uint32_t every);
  ~display();

  /// Something happened to a line, or to all.
  void note(const std::string& text);
  /// A round was closed.
  void round(const overview& o);
  /// Time goes by; milliseconds until this wants to be called again, -1: never.
  int refresh(const overview& o);
  /// The last look.
  void end(const overview& o);

 private:
  void draw(const overview& o);
  void print(const overview& o);

  bool terminal_;
  std::uint32_t every_;
  std::size_t drawn_ = 0;  // lines of the table that are on the terminal
  moment next_{};
  std::optional<std::uint32_t> printed_;  // the last round that a line was printed for
  std::deque<std::string> notes_;
};

}  // namespace serving
