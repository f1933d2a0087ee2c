// SPDX-License-Identifier: MIT
#include "progress.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <sys/ioctl.h>
#include <unistd.h>

#include "support/text.hpp"

namespace pareto {
namespace {

std::size_t columns() {
  winsize size{};
  return ioctl(2, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

}  // namespace

progress::progress(bool quiet) : quiet_(quiet), terminal_(isatty(2) != 0) {}

progress::~progress() {
  if (!quiet_ && terminal_) std::fputs("\r\033[K", stderr);
}

void progress::begin(const std::string& stage, std::size_t total, std::size_t have) {
  const std::lock_guard<std::mutex> one_at_a_time(mutex_);
  stage_ = stage;
  total_ = total;
  have_ = have;
  ended_ = 0;
  done_ = 0;
  started_ = std::chrono::steady_clock::now();
  if (!quiet_ && have != 0)
    std::fprintf(stderr, "%s%s: %zu of %zu runs are in the log\n", terminal_ ? "\r\033[K" : "", stage.c_str(), have,
                 total);
}

void progress::tell(const std::string& what, double before, double share) {
  if (quiet_) return;
  const std::lock_guard<std::mutex> one_at_a_time(mutex_);
  done_ += share - before;
  if (share >= 1) ++ended_;
  if (!terminal_ && share < 1) return;
  std::string line = support::text("%s: %zu of %zu runs, %s left; %s", stage_.c_str(), have_ + ended_, total_,
                                   left().c_str(), what.c_str());
  if (!terminal_) {
    std::fprintf(stderr, "%s\n", line.c_str());
    return;
  }
  line.resize(std::min(line.size(), columns() - 1));  // a line that wraps cannot be written over
  std::fprintf(stderr, "\r%s\033[K", line.c_str());
}

std::string progress::left() const {
  const double so_far = std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
  const double seconds = std::abs(so_far / done_ * (static_cast<double>(total_ - have_) - done_));  // no -0
  if (!(seconds < 1e7)) return "?";  // nothing is done yet
  if (seconds < 90) return support::text("%.0f s", seconds);
  if (seconds < 90 * 60) return support::text("%.0f min", seconds / 60);
  return support::text("%.1f h", seconds / 3600);
}

}  // namespace pareto
