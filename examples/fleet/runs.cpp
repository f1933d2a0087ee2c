// SPDX-License-Identifier: MIT
#include "runs.hpp"

#include <cmath>
#include <cstdio>
#include <mutex>

#include <unistd.h>

#include "support/for_each.hpp"
#include "support/plot.hpp"

namespace fleet {
namespace {

/// On a terminal, lines that are written over, with what the gates do; elsewhere a line for each finished run, or quarter of
/// the only one.
class reporter {
 public:
  reporter(const options& o)
      : quiet_(o.quiet),
        terminal_(isatty(2) != 0),
        epochs_(*o.epochs),
        total_(2.0 * o.runs),
        parts_(o.runs == 1 ? 4 : 1) {}
  ~reporter() {
    if (live()) std::fputs("\r\033[J", stderr);
  }

  /// Does it want to know of rounds?
  bool live() const { return !quiet_ && terminal_; }
  void tell(const round_report& r) {
    const std::lock_guard<std::mutex> one_at_a_time(mutex_);
    rounds_ = "\n      round " + std::to_string(r.round) + way("up", r.up) + way("down", r.down);
  }

  void tell(std::uint32_t seed, const char* kind, double& share, const sample_point& p) {
    if (quiet_) return;
    const std::lock_guard<std::mutex> one_at_a_time(mutex_);
    done_ += p.epoch / epochs_ - share;
    const bool part = std::floor(p.epoch / epochs_ * parts_) > std::floor(share * parts_);
    share = p.epoch / epochs_;
    if (!terminal_ && !part) return;
    std::fprintf(stderr, "%s%3.0f %%  seed %u, %-8s  epoch %5.1f of %u  %9s  accuracy %5.2f %%%s%s",
                 terminal_ ? "\r\033[J" : "", 100 * done_ / total_, seed, kind, p.epoch, epochs_,
                 support::bytes_text(static_cast<double>(p.bytes)).c_str(), p.accuracy, rounds_.c_str(),
                 terminal_ ? (rounds_.empty() ? "" : "\033[A") : "\n");
  }

 private:
  static std::string way(const char* name, const way_report& w) {
    char text[120];
    std::snprintf(text, sizeof text, "; %s: Wt %.3g, %.3g %%, oldest %u", name, w.wt, 100 * w.density,
                  unsigned(w.oldest));
    return text;
  }

  bool quiet_;
  bool terminal_;
  std::string rounds_;  // a line of its own, of the last two-step round
  std::uint32_t epochs_;
  double total_;
  int parts_;
  double done_ = 0;
  std::mutex mutex_;
};

}  // namespace

results run_all(const options& o, const support::dataset& data, round_log& rounds) {
  results all(o.runs);
  reporter report(o);
  support::for_each(2 * all.size(), o.jobs, [&](std::size_t task) {
    pair_of_runs& pair = all[task / 2];
    const bool dense = task % 2 == 0;  // first: it takes longer
    pair.seed = o.seed + static_cast<std::uint32_t>(task / 2);
    const plan p = dense ? dense_plan(o, data, pair.seed) : two_step_plan(o, data, pair.seed);
    double share = 0;
    const progress points = [&](const sample_point& point) {
      report.tell(p.seed, dense ? "dense" : "two-step", share, point);
    };
    observer each_round;
    if (!dense && (rounds.wanted() || report.live()))
      each_round = [&](const round_report& r) {
        if (rounds.wanted()) rounds.add(p.seed, r);
        if (report.live()) report.tell(r);
      };
    (dense ? pair.dense : pair.two_step) = run(p, data, points, each_round);
  });
  return all;
}

}  // namespace fleet
