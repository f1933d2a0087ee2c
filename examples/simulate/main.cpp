// SPDX-License-Identifier: MIT
// A fleet over unequal links, in virtual time: how long until a wanted accuracy, with dense exchange, with one Wt for all
// devices, and with a Wt that each link's budget sets?
//
//   simulate                                                    digits, eight devices on six kinds of links
//   simulate --data idx:/usr/share/datasets/fashion-mnist       Fashion-MNIST
//   simulate --links lora_sf7,lora_sf7,wifi --svg FILE          others, and a picture
//   simulate --scale                                           speed-ups of 1 to 10,000 devices
//   simulate --devices 40 --loss 0.1 --resets 0.05 --trace FILE where much fails, event by event
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <unistd.h>

#include "fleet/nets.hpp"
#include "report.hpp"
#include "scale.hpp"
#include "support/for_each.hpp"
#include "support/plot.hpp"
#include "support/program.hpp"
#include "support/result_file.hpp"

namespace {

/// Says how far it is: a line for each trial that is done and, to a terminal, one that changes.
class reporter {
 public:
  reporter(std::size_t trials, bool quiet) : trials_(trials), quiet_(quiet), live_(!quiet && isatty(2) != 0) {}

  void round(const std::string& name, std::uint32_t n, std::uint32_t of, double seconds, double accuracy) {
    if (!live_) return;
    const std::lock_guard<std::mutex> hold(one_at_a_time_);
    const auto now = std::chrono::steady_clock::now();
    if (now < next_) return;
    next_ = now + std::chrono::milliseconds(200);
    std::fprintf(stderr, "\r\033[K%3zu %%  %-30s round %u of %u, %.4g s, %.2f %%", 100 * done_ / trials_, name.c_str(),
                 n, of, seconds, accuracy);
  }
  void done(const std::string& name, double accuracy) {
    const std::lock_guard<std::mutex> hold(one_at_a_time_);
    ++done_;
    if (!quiet_)
      std::fprintf(stderr, "%s%3zu %%  %-30s %6.2f %% at the end\n", live_ ? "\r\033[K" : "", 100 * done_ / trials_,
                   name.c_str(), accuracy);
  }

 private:
  const std::size_t trials_;
  const bool quiet_, live_;
  std::size_t done_ = 0;
  std::chrono::steady_clock::time_point next_{};
  std::mutex one_at_a_time_;
};

std::uint64_t memory_of_machine() {
  return static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

/// Throws support::bad_input if the trials would not fit into the machine's memory, `jobs` at a time.
void check_memory(const simulate::options& o, const support::dataset& data,
                  const std::vector<simulate::trial>& trials) {
  const std::size_t at_a_time =
      std::min<std::size_t>(trials.size(), o.jobs != 0 ? o.jobs : std::max(1u, std::thread::hardware_concurrency()));
  std::uint64_t most = 0;
  for (const simulate::trial& t : trials)
    most = std::max(most, fleet::takes_digits(data) ? bytes_of_digits(t.what) : bytes_of_idx(t.what));
  if (most * at_a_time > memory_of_machine() / 10 * 9)
    throw support::bad_input("--devices: simulations of so many need " +
                             support::bytes_text(static_cast<double>(most * at_a_time)) + ", " +
                             std::to_string(at_a_time) + " at a time");
}

std::vector<simulate::result> run_all(const simulate::options& o, const support::dataset& data,
                                      std::vector<simulate::trial> trials) {
  std::vector<simulate::result> all;
  for (simulate::trial& t : trials) all.push_back({std::move(t), {}});
  reporter report(all.size(), o.quiet);
  support::for_each(all.size(), o.jobs, [&](std::size_t i) {
    simulate::result& r = all[i];
    const simulate::progress tell = [&](std::uint32_t n, std::uint32_t of, double seconds, double accuracy) {
      report.round(r.tried.name, n, of, seconds, accuracy);
    };
    r.came = fleet::takes_digits(data) ? run_digits(r.tried.what, data, tell) : run_idx(r.tried.what, data, tell);
    report.done(r.tried.name, r.came.accuracy);
  });
  return all;
}

/// The table of speed-ups, with the step's time that was asked for or 100 ms.
void scale(const simulate::options& o, const support::result_file& json) {
  simulate::scale_options s;
  if (o.step_ms_given) s.step_seconds = o.step_ms / 1000;
  s.shared = o.shared;
  s.quiet = o.quiet;
  s.memory = std::min(s.memory, static_cast<double>(memory_of_machine() / 2));
  if (o.devices) s.devices = {*o.devices};
  const std::vector<simulate::scale_result> all = simulate::run_scale(s);
  std::fputs(simulate::scale_table(s, all).c_str(), stdout);
  json.write(simulate::scale_json(s, all));
}

int run(int argc, const char* const* argv) {
  simulate::options o;
  if (!simulate::parse(argc, argv, o)) return 0;
  const support::result_file json(o.json), svg(o.svg), trace(o.trace);
  if (o.scale) {
    scale(o, json);
    return 0;
  }
  const support::dataset data = simulate::load(o);
  simulate::settle(o, data);
  std::vector<simulate::trial> trials = simulate::trials(o);
  check_memory(o, data, trials);
  std::ostringstream events;
  if (!o.trace.empty())
    for (simulate::trial& t : trials)
      if (t.how == simulate::exchange::budgets) t.what.trace = &events;
  const std::vector<simulate::result> all = run_all(o, data, std::move(trials));
  std::fputs(simulate::table(o, data, all).c_str(), stdout);
  std::fflush(stdout);
  json.write(simulate::json_text(o, data, all));
  svg.write(simulate::svg_text(o, data, all));
  trace.write(events.str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return support::run_program("simulate", [&] { return run(argc, argv); });
}
