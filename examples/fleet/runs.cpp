// SPDX-License-Identifier: MIT
#include "runs.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <exception>
#include <mutex>
#include <thread>

#include <unistd.h>

#include "support/plot.hpp"

namespace fleet {
namespace {

/// One line that is written over on a terminal; elsewhere a line for each finished run, or quarter of the only one.
class reporter {
 public:
  reporter(const options& o)
      : quiet_(o.quiet),
        terminal_(isatty(2) != 0),
        epochs_(*o.epochs),
        total_(2.0 * o.runs),
        parts_(o.runs == 1 ? 4 : 1) {}
  ~reporter() {
    if (!quiet_ && terminal_) std::fputs("\r\033[K", stderr);
  }

  void tell(std::uint32_t seed, const char* kind, double& share, const sample_point& p) {
    if (quiet_) return;
    const std::lock_guard<std::mutex> one_at_a_time(mutex_);
    done_ += p.epoch / epochs_ - share;
    const bool part = std::floor(p.epoch / epochs_ * parts_) > std::floor(share * parts_);
    share = p.epoch / epochs_;
    if (!terminal_ && !part) return;
    std::fprintf(stderr, "%s%3.0f %%  seed %u, %-8s  epoch %5.1f of %u  %9s  accuracy %5.2f %%%s",
                 terminal_ ? "\r" : "", 100 * done_ / total_, seed, kind, p.epoch, epochs_,
                 support::bytes_text(static_cast<double>(p.bytes)).c_str(), p.accuracy, terminal_ ? "\033[K" : "\n");
  }

 private:
  bool quiet_;
  bool terminal_;
  std::uint32_t epochs_;
  double total_;
  int parts_;
  double done_ = 0;
  std::mutex mutex_;
};

}  // namespace

results run_all(const options& o, const support::dataset& data) {
  results all(o.runs);
  reporter report(o);
  std::atomic<std::uint32_t> next{0};
  std::exception_ptr failure;
  std::mutex failing;

  const auto work = [&] {
    for (std::uint32_t task; (task = next++) < 2 * o.runs;) {
      try {
        pair_of_runs& pair = all[task / 2];
        const bool dense = task % 2 == 0;  // first: it takes longer
        pair.seed = o.seed + task / 2;
        const plan p = dense ? dense_plan(o, data, pair.seed) : two_step_plan(o, data, pair.seed);
        double share = 0;
        outcome& into = dense ? pair.dense : pair.two_step;
        into = run(p, data,
                   [&](const sample_point& point) { report.tell(p.seed, dense ? "dense" : "two-step", share, point); });
      } catch (...) {
        const std::lock_guard<std::mutex> one_at_a_time(failing);
        failure = std::current_exception();
        next = 2 * o.runs;
      }
    }
  };
  const std::uint32_t jobs = o.jobs != 0 ? o.jobs : std::max(1u, std::thread::hardware_concurrency());
  std::vector<std::thread> others;
  for (std::uint32_t i = 1; i < std::min(jobs, 2 * o.runs); ++i) others.emplace_back(work);
  work();
  for (std::thread& t : others) t.join();
  if (failure) std::rethrow_exception(failure);
  return all;
}

}  // namespace fleet
