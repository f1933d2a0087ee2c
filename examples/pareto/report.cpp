// SPDX-License-Identifier: MIT
#include "report.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "grid.hpp"
#include "support/plot.hpp"
#include "support/text.hpp"

namespace pareto {
namespace {

using support::text;

/// One with all seeds: of the front, which is never empty, as nobody beats the most accurate.
const point& any_whole(const std::vector<point>& all) {
  return *std::find_if(all.begin(), all.end(), [](const point& p) { return p.front; });
}

fleet::estimate dense_accuracy(const std::vector<point>& all) {
  return fleet::over(any_whole(all).runs, [](const fleet::pair_of_runs& r) { return r.dense.accuracy; });
}

std::string factor(double v) {
  std::string digits = text(v < 99.95 ? "%.3g" : "%.0f", v);
  if (v >= 999.5)
    for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

template <class Value>
double mean(const point& p, Value&& value) {
  return fleet::over(p.runs, [&](const fleet::pair_of_runs& r) { return static_cast<double>(value(r.two_step)); }).mean;
}

nlohmann::ordered_json json_of(const point& p) {
  using of = fleet::outcome;
  nlohmann::ordered_json j;
  j["front"] = p.front;
  j["seeds"] = p.settings.runs;
  j["ratio_both"] = p.ratio_both.mean;
  j["ratio_both_error"] = p.ratio_both.error;
  j["ratio_up"] = p.ratio_up.mean;
  j["ratio_up_error"] = p.ratio_up.error;
  j["accuracy"] = p.accuracy.mean;
  j["accuracy_error"] = p.accuracy.error;
  j["accuracy_difference"] = p.difference.mean;
  j["accuracy_difference_error"] = p.difference.error;
  j["bytes_up"] = mean(p, [](const of& r) { return r.sent.bytes_up; });
  j["bytes_down"] = mean(p, [](const of& r) { return r.sent.bytes_down; });
  j["bytes_on_air"] = mean(p, [](const of& r) { return r.sent.bytes_up + r.sent.bytes_on_air; });
  j["rounds"] = p.runs.front().two_step.rounds;
  j["density_up"] = mean(p, [](const of& r) { return r.density_up; });
  j["density_down"] = mean(p, [](const of& r) { return r.density_down; });
  j["wt_up"] = mean(p, [](const of& r) { return r.wt_up; });
  j["wt_down"] = mean(p, [](const of& r) { return r.wt_down; });
  j["saturated_per_step"] = mean(p, [](const of& r) { return r.saturated; });
  j["seconds"] = mean(p, [](const of& r) { return r.seconds; });
  j["settings"] = {{"local_steps", *p.settings.local_steps},
                   {"server_step", *p.settings.server_step},
                   {"threshold", fleet::text_of(*p.settings.threshold)},
                   {"down_threshold", fleet::text_of(*p.settings.down_threshold)},
                   {"warm_up", *p.settings.warm_up},
                   {"encoder", fleet::name_of(p.settings.encoder)}};
  j["command"] = "fleet " + fleet::command_line(p.settings);
  return j;
}

}  // namespace

std::string table(const support::dataset& data, const std::vector<point>& all) {
  const fleet::options& c = any_whole(all).settings;
  const auto whole = std::count_if(all.begin(), all.end(), [&](const point& p) { return p.runs.size() == c.runs; });
  const fleet::estimate dense = dense_accuracy(all);
  std::string t =
      text("\n%s, %u workers, %s, %u epochs, batch %u; seeds from %u: means +- standard errors\n", data.name.c_str(),
           unsigned(c.workers), fleet::name_of(c.rows), unsigned(*c.epochs), unsigned(c.batch), unsigned(c.seed));
  t += text("dense float32, all sent: %.2f +- %.2f %%\n", dense.mean, dense.error);
  t += text("%zu settings, %td with all seeds", all.size(), whole);
  if (static_cast<std::size_t>(whole) < all.size()) t += "; somebody beat the others by two standard errors before";
  t += "\n\nthe front: no other has more ratio and more accuracy\n\n";
  t += text("  %10s  %-10s %-15s %5s  %s\n", "ratio both", "accuracy", "- dense", "seeds", "settings");
  for (const point& p : all)
    if (p.front)
      t += text("  %10s  %5.2f %%    %+5.2f +- %-5.2f %6u  %s\n", factor(p.ratio_both.mean).c_str(), p.accuracy.mean,
                p.difference.mean, p.difference.error, unsigned(p.settings.runs), brief(p.settings).c_str());
  t += "\nagain, by\n\n";
  for (const point& p : all)
    if (p.front)
      t += text("  %10s  fleet ", factor(p.ratio_both.mean).c_str()) + fleet::command_line(p.settings) + "\n";
  return t;
}

std::string json_text(const options& o, const std::vector<point>& all, double seconds) {
  const point& one = any_whole(all);
  const fleet::options& c = one.settings;
  const fleet::estimate dense = dense_accuracy(all);
  nlohmann::ordered_json j;
  j["data"] = c.data;
  j["accuracy_dense"] = dense.mean;
  j["accuracy_dense_error"] = dense.error;
  j["bytes_dense"] = fleet::bytes_dense(c, one.runs.front().two_step);
  j["parameters"] = one.runs.front().two_step.parameters;
  j["steps"] = one.runs.front().two_step.steps;
  j["seconds"] = seconds;
  j["settings"] = {{"workers", c.workers},
                   {"epochs", *c.epochs},
                   {"batch", c.batch},
                   {"optimizer", c.optimizer},
                   {"lr", c.rate},
                   {"lr_schedule", fleet::name_of(c.rates)},
                   {"momentum", c.momentum},
                   {"weight_decay", c.weight_decay},
                   {"split", fleet::name_of(c.rows)},
                   {"numbers", fleet::name_of(c.numbers)},
                   {"seed", c.seed},
                   {"runs", c.runs},
                   {"scout", o.scout}};
  for (const point& p : all) j["points"].push_back(json_of(p));
  return j.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";  // a path may be any bytes
}

std::string svg_text(const support::dataset& data, const std::vector<point>& all) {
  std::vector<support::trade> points;
  for (const point& p : all)
    points.push_back(
        {p.ratio_both.mean, p.difference.mean, p.difference.error, p.front,
         text("%s: %s, %+.2f +- %.2f, %u seeds", brief(p.settings).c_str(), factor(p.ratio_both.mean).c_str(),
              p.difference.mean, p.difference.error, unsigned(p.settings.runs))});
  const fleet::options& c = any_whole(all).settings;
  return support::trade_plot(data.name + text(": accuracy for bytes, %u workers, %s, %u seeds", unsigned(c.workers),
                                              fleet::name_of(c.rows), unsigned(c.runs)),
                             "bytes of dense float32 / bytes sent, both ways", "accuracy - dense, points", points);
}

}  // namespace pareto
