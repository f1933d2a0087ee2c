// SPDX-License-Identifier: MIT
#include "compare.hpp"

#include <cstdio>

#include <nlohmann/json.hpp>

#include "runs.hpp"
#include "statistics.hpp"

namespace fleet {
namespace {

struct format_names {
  std::string weights, residual;
  std::size_t bytes;  ///< of both, for a weight
};

template <class Numbers>
format_names names() {
  typedef weir::number<typename Numbers::number> format;
  return {text_of(typename format::weight()), text_of(typename format::residual()),
          sizeof(typename format::weight) + sizeof(typename format::residual)};
}

format_names names_of(number_kind n) {
  switch (n) {
    case number_kind::int16: return names<int16>();
    case number_kind::int16r8: return names<int16r8>();
    case number_kind::int8: return names<int8>();
    case number_kind::int8r8: return names<int8r8>();
    case number_kind::real: break;
  }
  return names<real>();
}

/// One row of the table.
struct row {
  estimate alone, alone_difference;  ///< percent; to floats that learn alone, seed by seed
  estimate fleet, fleet_difference;  ///< to floats that are all sent
  estimate alone_saturated, fleet_saturated, ratio;
};

row row_of(const options& o, const numbers_result& r, const numbers_result& floats) {
  row t;
  t.alone = over(r.alone, [](const alone_outcome& a) { return a.accuracy; });
  std::vector<double> differences;
  for (std::size_t i = 0; i < r.alone.size(); ++i)
    differences.push_back(r.alone[i].accuracy - floats.alone[i].accuracy);
  t.alone_difference = over(differences, [](double d) { return d; });
  t.alone_saturated = over(r.alone, [](const alone_outcome& a) { return a.saturated; });
  t.fleet = over(r.fleets, [](const pair_of_runs& p) { return p.two_step.accuracy; });
  t.fleet_difference = over(r.fleets, [](const pair_of_runs& p) { return p.two_step.accuracy - p.dense.accuracy; });
  t.fleet_saturated = over(r.fleets, [](const pair_of_runs& p) { return p.two_step.saturated; });
  t.ratio = over(r.fleets, [&](const pair_of_runs& p) {
    return bytes_dense(o, p.two_step) / static_cast<double>(p.two_step.sent.bytes_up + p.two_step.sent.bytes_down);
  });
  return t;
}

nlohmann::ordered_json json_of(estimate accuracy, estimate difference, estimate saturated) {
  return {{"accuracy", accuracy.mean},
          {"accuracy_error", accuracy.error},
          {"difference", difference.mean},
          {"difference_error", difference.error},
          {"saturated_per_step", saturated.mean}};
}

}  // namespace

std::vector<numbers_result> compare_numbers(const options& o, const support::dataset& data) {
  std::vector<numbers_result> all;
  for (const number_kind n :
       {number_kind::real, number_kind::int16, number_kind::int16r8, number_kind::int8, number_kind::int8r8}) {
    numbers_result r{n, {}, {}};
    for (std::uint32_t i = 0; i < o.runs; ++i) r.alone.push_back(run_alone(n, o.seed + i, data));
    options with = o;
    with.numbers = n;
    round_log nowhere("");
    r.fleets = run_all(with, data, nowhere);
    all.push_back(std::move(r));
  }
  return all;
}

std::string numbers_table(const options& o, const std::vector<numbers_result>& all) {
  char line[240];
  std::string t;
  const auto add = [&](int length) { t.append(line, static_cast<std::size_t>(length)); };
  add(std::snprintf(line, sizeof line, "\ndigits, 64-16-10; %u seeds from %u: means +- standard errors, in percent\n",
                    unsigned(o.runs), unsigned(o.seed)));
  add(std::snprintf(
      line, sizeof line,
      "alone: sgd, rate %g, batch 1, %u epochs, Wt %g; floats move at every step\n"
      "fleet: %u workers in two steps, %s, rate %g, batch %u, %u epochs; against floats, all sent (%.2f)\n\n",
      static_cast<double>(alone_rate), unsigned(alone_epochs), static_cast<double>(alone_wt), unsigned(o.workers),
      o.optimizer.c_str(), static_cast<double>(o.rate), unsigned(o.batch), *o.epochs,
      over(all.front().fleets, [](const pair_of_runs& p) { return p.dense.accuracy; }).mean));
  add(std::snprintf(line, sizeof line, "  %-8s %-12s %-12s  %-14s %-15s  %-14s %-15s %s\n", "", "weights", "residual",
                    "alone", "- float", "fleet", "- float", "ratio"));
  for (const numbers_result& r : all) {
    const format_names f = names_of(r.numbers);
    const row w = row_of(o, r, all.front());
    add(std::snprintf(line, sizeof line,
                      "  %-8s %-12s %-12s  %5.2f +- %-5.2f %+5.2f +- %-5.2f  %5.2f +- %-5.2f %+5.2f +- %-5.2f %5.0f\n",
                      name_of(r.numbers), f.weights.c_str(), f.residual.c_str(), w.alone.mean, w.alone.error,
                      w.alone_difference.mean, w.alone_difference.error, w.fleet.mean, w.fleet.error,
                      w.fleet_difference.mean, w.fleet_difference.error, w.ratio.mean));
  }
  return t;
}

std::string numbers_json(const options& o, const std::vector<numbers_result>& all) {
  std::string lines;
  for (const numbers_result& r : all) {
    const format_names f = names_of(r.numbers);
    const row w = row_of(o, r, all.front());
    nlohmann::ordered_json j;
    j["numbers"] = name_of(r.numbers);
    j["weights"] = f.weights;
    j["residual"] = f.residual;
    j["bytes_per_weight"] = f.bytes;
    j["seed"] = o.seed;
    j["runs"] = o.runs;
    j["alone"] = json_of(w.alone, w.alone_difference, w.alone_saturated);
    j["fleet"] = json_of(w.fleet, w.fleet_difference, w.fleet_saturated);
    j["fleet"]["ratio_both"] = w.ratio.mean;
    lines += j.dump() + "\n";
  }
  return lines;
}

}  // namespace fleet
