// SPDX-License-Identifier: MIT
#include "report.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "support/plot.hpp"
#include "support/text.hpp"

namespace simulate {
namespace {

using support::text;

std::string duration(double seconds) {
  if (seconds < 0) return "never";
  if (seconds < 120) return text("%.3g s", seconds);
  if (seconds < 7200) return text("%.3g min", seconds / 60);
  if (seconds < 48 * 3600) return text("%.3g h", seconds / 3600);
  if (seconds < 1000 * 86400.0) return text("%.3g days", seconds / 86400);
  return text("%.3g years", seconds / (365.25 * 86400));
}

const result& of_kind(const std::vector<result>& all, exchange how) {
  for (const result& r : all)
    if (r.tried.how == how) return r;
  return all.front();
}

std::string row(const options& o, const result& r, const char* mark) {
  const outcome& c = r.came;
  return text("  %-30s %14s %14s %10.2f %% %12s%s\n", r.tried.name.c_str(), duration(c.target_seconds).c_str(),
              duration(c.seconds / std::max(1u, c.rounds)).c_str(), c.accuracy,
              support::bytes_text(static_cast<double>(c.bytes) / static_cast<double>(o.links.size())).c_str(), mark);
}

std::string in_time(const device_outcome& d) {
  return d.updates == 0 ? "none" : text("%.0f %%", 100.0 * d.in_time / d.updates);
}

/// Devices that have a row of the table together.
struct row_of_devices {
  std::string name;
  std::vector<std::size_t> ranks;
};

/// Each its own, or, of many, those on the same kind of link.
std::vector<row_of_devices> rows_of_devices(const options& o) {
  constexpr std::size_t many = 16;
  std::vector<row_of_devices> rows;
  for (std::size_t i = 0; i < o.links.size(); ++i) {
    const auto same = [&](const row_of_devices& r) { return o.links.size() > many && r.name == o.links[i]; };
    const auto found = std::find_if(rows.begin(), rows.end(), same);
    if (found == rows.end())
      rows.push_back({o.links[i], {i}});
    else
      found->ranks.push_back(i);
  }
  if (o.links.size() > many)
    for (row_of_devices& r : rows) r.name += text(", %zu", r.ranks.size());
  return rows;
}

/// Bytes are the mean of these devices, updates their sum.
device_outcome mean_of(const outcome& c, const std::vector<std::size_t>& ranks) {
  device_outcome sum{};
  for (const std::size_t i : ranks) {
    sum.bytes_up += c.devices[i].bytes_up;
    sum.updates += c.devices[i].updates;
    sum.in_time += c.devices[i].in_time;
  }
  sum.bytes_up /= ranks.size();
  return sum;
}

std::string failures(const std::vector<result>& all) {
  std::string t;
  for (const result& r : all) {
    std::uint64_t lost = 0, resets = 0;
    for (const device_outcome& d : r.came.devices) {
      lost += d.lost;
      resets += d.resets;
    }
    t += text("  %-30s %llu frames lost, %llu resets%s\n", r.tried.name.c_str(), static_cast<unsigned long long>(lost),
              static_cast<unsigned long long>(resets), r.came.finished ? "" : "; given up after ten years");
  }
  return t;
}

/// How much sooner `second`, which was at the target, was there than `first`.
std::string sooner(const outcome& first, const outcome& second) {
  if (first.target_seconds < 0) return "more than " + text("%.3g", first.seconds / second.target_seconds);
  return text("%.3g", first.target_seconds / second.target_seconds);
}

nlohmann::ordered_json json_of(const result& r) {
  const char* const names[] = {"dense", "one_wt", "budgets"};
  const setup& s = r.tried.what;
  nlohmann::ordered_json j = {{"exchange", names[static_cast<int>(r.tried.how)]},
                              {"name", r.tried.name},
                              {"local_steps", s.local_steps},
                              {"down_wt", s.down.wt},
                              {"down_bytes", s.down.bytes},
                              {"deadline_seconds", s.deadline_ms / 1000.0},
                              {"target_seconds", r.came.target_seconds},
                              {"seconds", r.came.seconds},
                              {"rounds", r.came.rounds},
                              {"accuracy", r.came.accuracy},
                              {"bytes", r.came.bytes},
                              {"finished", r.came.finished}};
  if (r.came.target_seconds < 0) j["target_seconds"] = nullptr;
  for (std::size_t i = 0; i < r.came.devices.size(); ++i) {
    const device_outcome& d = r.came.devices[i];
    const device_setup& of = s.devices[i];
    j["devices"].push_back({{"link", d.link},
                            {"wt", of.gate.wt},
                            {"bytes_to_a_body", of.gate.bytes},
                            {"rounds_to_a_frame", of.rounds_per_frame},
                            {"bytes_up", d.bytes_up},
                            {"bytes_down", d.bytes_down},
                            {"updates", d.updates},
                            {"in_time", d.in_time},
                            {"most_seconds_behind", d.most_behind},
                            {"lost", d.lost},
                            {"resets", d.resets}});
  }
  for (const point& p : r.came.curve)
    j["curve"].push_back({{"round", p.round}, {"seconds", p.seconds}, {"bytes", p.bytes}, {"accuracy", p.accuracy}});
  return j;
}

}  // namespace

const result* best_wt(const std::vector<result>& all) {
  const auto better = [](const outcome& a, const outcome& b) {
    const bool there = a.target_seconds >= 0;
    if (there != (b.target_seconds >= 0)) return there;
    return there ? a.target_seconds < b.target_seconds : a.accuracy > b.accuracy;
  };
  const result* best = nullptr;
  for (const result& r : all)
    if (r.tried.how == exchange::one_wt && (best == nullptr || better(r.came, best->came))) best = &r;
  return best;
}

std::string table(const options& o, const support::dataset& data, const std::vector<result>& all) {
  const result& dense = of_kind(all, exchange::dense);
  const result& budgets = of_kind(all, exchange::budgets);
  const result* const best = best_wt(all);
  std::string t = text(
      "\n%s, %zu devices, %u %s, seed %u; a step takes %g ms; dense: 1 step to a round; else %u, server step "
      "%g\n\n",
      data.name.c_str(), o.links.size(), o.rounds ? *o.rounds : *o.epochs, o.rounds ? "rounds" : "epochs", o.seed,
      o.step_ms, unsigned(o.local_steps), double(*o.server_step));
  t += text("  %-30s %14s %14s %12s %12s\n", "", text("to %g %%", o.target).c_str(), "a round", "at the end",
            "a device");
  for (const result& r : all) t += row(o, r, &r == best ? "  best Wt for all" : "");

  t += text(
      "\n  rounds: to a frame; in time: updates that came within so many times %.3g s of the broadcast that they are "
      "of\n\n"
      "  %-18s %26s %18s %18s\n  %-18s %6s %10s %8s %9s %8s %9s %8s\n",
      *o.round_seconds, "", "by link budgets", "best Wt for all", "dense", "", "rounds", "up", "in time", "up",
      "in time", "up", "in time");
  for (const row_of_devices& row : rows_of_devices(o)) {
    const device_setup& first = budgets.tried.what.devices[row.ranks.front()];
    t += text("  %-18s %6u", row.name.c_str(), unsigned(first.rounds_per_frame));
    int width = 10;
    for (const result* r : {&budgets, best, &dense}) {
      const device_outcome d = mean_of(r->came, row.ranks);
      t += text(" %*s %8s", width, support::bytes_text(static_cast<double>(d.bytes_up)).c_str(), in_time(d).c_str());
      width = 9;
    }
    t += "\n";
  }
  if (o.loss > 0 || o.resets > 0) t += text("\n%s", failures(all).c_str());
  if (budgets.came.target_seconds < 0) return t + text("\nlink budgets are never at %g %%\n", o.target);
  return t + text(
                 "\nto %g %%, link budgets are %s times as fast as dense exchange, and %s times as fast as the best Wt "
                 "for all\n",
                 o.target, sooner(dense.came, budgets.came).c_str(), sooner(best->came, budgets.came).c_str());
}

std::string json_text(const options& o, const support::dataset& data, const std::vector<result>& all) {
  nlohmann::ordered_json j = {{"data", o.data},
                              {"rows", data.train.size()},
                              {"links", o.links},
                              {"epochs", *o.epochs},
                              {"server_step", *o.server_step},
                              {"round_seconds", *o.round_seconds},
                              {"step_ms", o.step_ms},
                              {"target", o.target},
                              {"loss", o.loss},
                              {"resets", o.resets},
                              {"saves", o.saves},
                              {"seed", o.seed}};
  if (o.rounds) {
    j["epochs"] = nullptr;
    j["rounds_asked"] = *o.rounds;
  }
  const result* const best = best_wt(all);
  for (const result& r : all) {
    j["trials"].push_back(json_of(r));
    j["trials"].back()["best_wt"] = &r == best;
  }
  return j.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";  // a path may be any bytes
}

std::string svg_text(const options& o, const support::dataset& data, const std::vector<result>& all) {
  std::vector<support::curve> curves;
  const auto add = [&](const std::string& name, const char* colour, const result& r) {
    curves.push_back({name, colour, {}});
    for (const point& p : r.came.curve) curves.back().points.emplace_back(p.seconds, p.accuracy);
  };
  const result* const best = best_wt(all);
  add("dense, float32", "#b03a2e", of_kind(all, exchange::dense));
  add("one Wt for all, the best", "#b9770e", *best);
  add("Wt by link budgets", "#1f5fa8", of_kind(all, exchange::budgets));
  return support::percent_plot(data.name + ", " + std::to_string(o.links.size()) + " devices on unequal links",
                               "virtual time", "test accuracy, %", curves, support::unit::seconds);
}

}  // namespace simulate
