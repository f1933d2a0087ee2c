// SPDX-License-Identifier: MIT
#include "sweep.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "front.hpp"
#include "grid.hpp"
#include "progress.hpp"
#include "support/for_each.hpp"
#include "support/text.hpp"

namespace pareto {
namespace {

constexpr const char* dense_run = "dense";

struct task {
  const fleet::options* settings;
  bool dense;
  std::uint32_t seed;

  std::string name() const { return dense ? dense_run : fleet::exchange_words(*settings); }
};

void run(const task& t, const support::dataset& data, run_log& log, progress& report) {
  const fleet::options& o = *t.settings;
  const fleet::plan p = t.dense ? fleet::dense_plan(o, data, t.seed) : fleet::two_step_plan(o, data, t.seed);
  const std::string what = support::text("seed %u, ", unsigned(t.seed)) + (t.dense ? dense_run : brief(o));
  double told = 0;
  fleet::outcome of = fleet::run(p, data, [&](const fleet::sample_point& at) {
    const double share = at.epoch / p.epochs;
    if (share >= 1) return;  // it has ended when it is in the log
    report.tell(what, told, share);
    told = share;
  });
  const std::string accuracy = support::text(", accuracy %.2f %%", of.accuracy);
  log.add(t.name(), t.seed, std::move(of));
  report.tell(what + accuracy, told, 1);
}

void run_missing(const std::string& stage, const std::vector<task>& all, std::size_t jobs, const support::dataset& data,
                 run_log& log, progress& report) {
  std::vector<task> missing;
  for (const task& t : all)
    if (log.find(t.name(), t.seed) == nullptr) missing.push_back(t);
  report.begin(stage, all.size(), all.size() - missing.size());
  support::for_each(missing.size(), jobs, [&](std::size_t i) { run(missing[i], data, log, report); });
}

/// What the log holds of these settings, for so many seeds.
point point_of(const fleet::options& settings, std::uint32_t seeds, const run_log& log) {
  point p{settings, {}, {}, {}, {}, {}, false};
  p.settings.runs = seeds;
  const std::string name = fleet::exchange_words(settings);
  for (std::uint32_t seed = settings.seed; seed < settings.seed + seeds; ++seed)
    p.runs.push_back({seed, *log.find(dense_run, seed), *log.find(name, seed)});
  p.ratio_up = fleet::over(p.runs, [&](const fleet::pair_of_runs& r) { return fleet::ratio_up(settings, r.two_step); });
  p.ratio_both =
      fleet::over(p.runs, [&](const fleet::pair_of_runs& r) { return fleet::ratio_both(settings, r.two_step); });
  p.accuracy = fleet::over(p.runs, [](const fleet::pair_of_runs& r) { return r.two_step.accuracy; });
  p.difference = fleet::over(p.runs, fleet::difference);
  return p;
}

void by_ratio(std::vector<point>& points) {
  std::stable_sort(points.begin(), points.end(),
                   [](const point& a, const point& b) { return a.ratio_both.mean > b.ratio_both.mean; });
}

std::vector<offer> offers(const std::vector<point>& points) {
  std::vector<offer> all;
  for (const point& p : points) all.push_back({p.ratio_both.mean, p.accuracy.mean});
  return all;
}

/// Two standard errors of what two settings differ by over so many seeds: of those next to each other by ratio, which are
/// those that compete. (Differences to dense will not do: the first seeds' dense runs are in all of them.)
double margin_of(std::vector<point> points, std::uint32_t seeds) {
  by_ratio(points);
  std::vector<std::vector<double>> differences;
  for (std::size_t i = 1; i < points.size(); ++i) {
    differences.emplace_back();
    for (std::uint32_t s = 0; s < seeds; ++s)
      differences.back().push_back(points[i].runs[s].two_step.accuracy - points[i - 1].runs[s].two_step.accuracy);
  }
  return 2 * typical_deviation(differences) / std::sqrt(static_cast<double>(seeds));
}

}  // namespace

std::vector<point> sweep(const options& o, std::vector<fleet::options> settings, const support::dataset& data,
                         run_log& log) {
  const std::uint32_t first = o.common.seed;
  progress report(o.common.quiet);
  std::vector<point> out, running;

  for (std::uint32_t had = 0, seeds = o.scout;; had = seeds, seeds = std::min(2 * seeds, o.common.runs)) {
    std::vector<task> tasks;
    for (std::uint32_t seed = first + had; seed < first + seeds; ++seed) {
      tasks.push_back({&settings.front(), true, seed});
      for (const fleet::options& s : settings) tasks.push_back({&s, false, seed});
    }
    run_missing(support::text("seeds %u to %u", unsigned(first), unsigned(first + seeds - 1)), tasks, o.common.jobs,
                data, log, report);
    running.clear();
    for (const fleet::options& s : settings) running.push_back(point_of(s, seeds, log));
    if (seeds == o.common.runs) break;
    const std::vector<bool> hopeful = unbeaten(offers(running), margin_of(running, seeds));
    settings.clear();
    for (std::size_t i = 0; i < running.size(); ++i)
      hopeful[i] ? settings.push_back(running[i].settings) : out.push_back(running[i]);
  }

  const std::vector<bool> best = unbeaten(offers(running));
  for (std::size_t i = 0; i < running.size(); ++i) {
    running[i].front = best[i];
    out.push_back(running[i]);
  }
  by_ratio(out);
  return out;
}

}  // namespace pareto
