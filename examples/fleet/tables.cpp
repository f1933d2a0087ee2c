// SPDX-License-Identifier: MIT
#include "tables.hpp"

#include <cinttypes>
#include <cmath>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "links.hpp"
#include "statistics.hpp"
#include "support/plot.hpp"
#include "support/text.hpp"

namespace fleet {
namespace {

using support::bytes_text;
using support::grouped;
using support::text;

std::string duration(double seconds) {
  if (seconds < 60) return text("%.3g s", seconds);
  if (seconds < 3600) return text("%.3g min", seconds / 60);
  if (seconds < 86400) return text("%.3g h", seconds / 3600);
  return text("%.3g days", seconds / 86400);
}

std::string row(const std::string& name, const std::string& dense, const std::string& two_step) {
  return text("  %-34s %20s %20s\n", name.c_str(), dense.c_str(), two_step.c_str());
}

std::string with_error(estimate e, const char* format, bool error) {
  if (e.error < 1e-9 * std::abs(e.mean)) error = false;  // all equal, but for rounding
  char mean[40], deviation[40];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  std::snprintf(mean, sizeof mean, format, e.mean);
  std::snprintf(deviation, sizeof deviation, format, e.error);
#pragma GCC diagnostic pop
  return error ? std::string(mean) + " +- " + deviation : mean;
}

/// One number of both kinds of run, as means over the seeds.
template <class Value, class Format>
std::string both(const std::string& name, const results& all, Value&& value, Format&& format) {
  return row(name, format(over(all, [&](const pair_of_runs& p) { return static_cast<double>(value(p.dense)); })),
             format(over(all, [&](const pair_of_runs& p) { return static_cast<double>(value(p.two_step)); })));
}

std::uint64_t whole(double v) { return static_cast<std::uint64_t>(v + 0.5); }

std::string hex(std::uint64_t v) { return text("%016" PRIx64, v); }

nlohmann::json json_of(const options& o, const outcome& of) {
  nlohmann::json j;
  j["accuracy"] = of.accuracy;
  j["loss"] = of.loss;
  j["bytes_up"] = of.sent.bytes_up;
  j["bytes_down"] = of.sent.bytes_down;
  j["bytes_on_air"] = of.sent.bytes_up + of.sent.bytes_on_air;
  j["frames_up"] = of.sent.frames_up;
  j["frames_down"] = of.sent.frames_down;
  j["ratio_up"] = ratio_up(o, of);
  j["ratio_both"] = ratio_both(o, of);
  j["rounds"] = of.rounds;
  j["steps"] = of.steps;
  j["density_up"] = of.density_up;
  j["density_down"] = of.density_down;
  j["wt_up"] = of.wt_up;
  j["wt_down"] = of.wt_down;
  j["saturated_per_step"] = of.saturated;
  j["seconds"] = of.seconds;
  j["stream_hash"] = hex(of.sent.hash);
  for (const sample_point& p : of.curve)
    j["curve"].push_back({{"epoch", p.epoch}, {"bytes", p.bytes}, {"accuracy", p.accuracy}, {"loss", p.loss}});
  for (const radio_or_wire& line : lines) j["exchange_seconds"][line.name] = exchange_seconds(of.sent, o.workers, line);
  return j;
}

}  // namespace

double bytes_dense(const options& o, const outcome& of) { return 2.0 * 4.0 * of.parameters * of.steps * o.workers; }
double ratio_up(const options& o, const outcome& of) {
  return bytes_dense(o, of) / 2 / static_cast<double>(of.sent.bytes_up);
}
double ratio_both(const options& o, const outcome& of) {
  return bytes_dense(o, of) / static_cast<double>(of.sent.bytes_up + of.sent.bytes_down);
}
double difference(const pair_of_runs& p) { return p.two_step.accuracy - p.dense.accuracy; }
double loss_difference(const pair_of_runs& p) { return 100 * (p.two_step.loss / p.dense.loss - 1); }

std::string table(const options& o, const support::dataset& data, const results& all) {
  const bool many = all.size() > 1;
  const outcome& one = all.front().two_step;
  const std::string model = name_of(model_of(o, data));
  std::string t = text("\n%s: %zu rows to train, %zu to test; %s%s weights; %u workers, %s\n", data.name.c_str(),
                       data.train.size(), data.test.size(), model == "dense" ? "" : (model + ", ").c_str(),
                       grouped(one.parameters).c_str(), unsigned(o.workers), name_of(o.rows));
  t += text("batch %u, %u epochs of %u steps; %s, rate %g, %s; ", unsigned(o.batch), *o.epochs, one.steps / *o.epochs,
            o.optimizer.c_str(), static_cast<double>(o.rate), name_of(o.rates));
  t += many ? text("seeds %u to %u: means +- standard errors\n", o.seed, o.seed + o.runs - 1)
            : text("seed %u\n", o.seed);
  t += text("two-step: %s, %s up, %s down, %u steps to a round, server step %g", name_of(o.encoder),
            text_of(*o.threshold).c_str(), text_of(*o.down_threshold).c_str(), unsigned(*o.local_steps),
            std::round(static_cast<double>(*o.server_step) * 16) / 16);
  if (*o.clip > 0) t += text(", cells clipped at %g Wt", static_cast<double>(*o.clip));
  if (*o.drift > 0) t += text(", %g of its drift taken", static_cast<double>(*o.drift));
  t += *o.masking ? "\n\n" : ", no masking\n\n";
  if (o.numbers != number_kind::real) t += text("two-step in %s numbers, dense in floats\n\n", name_of(o.numbers));

  const auto percent = [many](estimate e) { return with_error(e, "%.2f", many) + " %"; };
  const auto nats = [many](estimate e) { return with_error(e, "%.4f", many); };
  const auto share = [](estimate e) { return text("%.3g %%", 100 * e.mean); };
  const auto amount = [](estimate e) { return bytes_text(e.mean); };
  const auto factor = [many](estimate e) { return with_error(e, e.mean < 100 ? "%.3g" : "%.0f", many); };
  const auto number = [](estimate e) { return text("%.3g", e.mean); };
  const auto count = [](estimate e) { return grouped(e.mean); };
  t += row("", "dense", "two-step");
  t += both(
      "accuracy", all, [](const outcome& of) { return of.accuracy; }, percent);
  t += both(
      "loss, in nats", all, [](const outcome& of) { return of.loss; }, nats);
  t += both(
      "bytes up", all, [](const outcome& of) { return of.sent.bytes_up; }, amount);
  t += both(
      "bytes down", all, [](const outcome& of) { return of.sent.bytes_down; }, amount);
  t += both(
      "bytes down, on a shared medium", all, [](const outcome& of) { return of.sent.bytes_on_air; }, amount);
  t += both(
      "ratio up", all, [&](const outcome& of) { return ratio_up(o, of); }, factor);
  t += both(
      "ratio both ways", all, [&](const outcome& of) { return ratio_both(o, of); }, factor);
  t += both(
      "density up", all, [](const outcome& of) { return of.density_up; }, share);
  t += both(
      "density down", all, [](const outcome& of) { return of.density_down; }, share);
  t += both(
      "Wt up, at the end", all, [](const outcome& of) { return of.wt_up; }, number);
  t += both(
      "Wt down, at the end", all, [](const outcome& of) { return of.wt_down; }, number);
  t += both(
      "rounds", all, [](const outcome& of) { return of.rounds; }, count);
  t += both(
      "updates that did not fit, per step", all, [](const outcome& of) { return of.saturated; }, number);
  t += "  time on the line, per worker and run, by latency + bytes / bandwidth for each frame\n";
  for (const radio_or_wire& line : lines)
    t += both(
        std::string("  ") + line.name, all,
        [&](const outcome& of) { return exchange_seconds(of.sent, o.workers, line); },
        [](estimate e) { return duration(e.mean); });
  t += text("\nratios are to %s: 2 x 4 bytes x %s weights x %s steps x %u workers\n",
            bytes_text(bytes_dense(o, one)).c_str(), grouped(one.parameters).c_str(), grouped(one.steps).c_str(),
            unsigned(o.workers));
  t += "two-step - dense: " + with_error(over(all, difference), "%+.2f", false) + " points";
  if (many) t += text(" +- %.2f", over(all, difference).error);
  t += "; loss " + with_error(over(all, loss_difference), "%+.2f", false) + " %";
  if (many) t += text(" +- %.2f, over %zu seeds", over(all, loss_difference).error, all.size());
  return t + "\n";
}

std::string json_text(const options& o, const support::dataset& data, const results& all, double seconds) {
  const outcome& one = all.front().two_step;
  const auto dense = [&](auto value) {
    return over(all, [&](const pair_of_runs& p) { return double(value(p.dense)); });
  };
  const auto two_step = [&](auto value) {
    return over(all, [&](const pair_of_runs& p) { return double(value(p.two_step)); });
  };
  const auto accuracy = [](const outcome& of) { return of.accuracy; };
  const auto loss = [](const outcome& of) { return of.loss; };
  const auto up = [](const outcome& of) { return of.sent.bytes_up; };
  const auto down = [](const outcome& of) { return of.sent.bytes_down; };
  const auto both_ways = [&](const outcome& of) { return ratio_both(o, of); };
  const auto one_way = [&](const outcome& of) { return ratio_up(o, of); };

  nlohmann::ordered_json j;  // numbers at the top are means over the runs
  j["data"] = o.data;
  j["accuracy_dense"] = dense(accuracy).mean;
  j["accuracy"] = two_step(accuracy).mean;
  j["accuracy_difference"] = over(all, difference).mean;
  j["accuracy_difference_error"] = over(all, difference).error;
  j["loss_dense"] = dense(loss).mean;
  j["loss"] = two_step(loss).mean;
  j["loss_difference_percent"] = over(all, loss_difference).mean;
  j["loss_difference_percent_error"] = over(all, loss_difference).error;
  j["bytes_dense"] = whole(bytes_dense(o, one));
  j["bytes_dense_measured"] = whole(dense(up).mean + dense(down).mean);
  j["bytes_up"] = whole(two_step(up).mean);
  j["bytes_down"] = whole(two_step(down).mean);
  j["ratio_up"] = two_step(one_way).mean;
  j["ratio_up_error"] = two_step(one_way).error;
  j["ratio_both"] = two_step(both_ways).mean;
  j["ratio_both_error"] = two_step(both_ways).error;
  j["parameters"] = one.parameters;
  j["rounds"] = one.rounds;
  j["seconds"] = seconds;
  std::uint64_t hash = UINT64_C(0xcbf29ce484222325);
  for (const pair_of_runs& p : all)
    for (const std::uint64_t h : {p.dense.sent.hash, p.two_step.sent.hash}) hash = (hash ^ h) * UINT64_C(0x100000001b3);
  j["stream_hash"] = hex(hash);  // of every frame of all runs
  j["settings"] = {{"net", name_of(model_of(o, data))},
                   {"workers", o.workers},
                   {"epochs", *o.epochs},
                   {"batch", o.batch},
                   {"local_steps", *o.local_steps},
                   {"server_step", std::round(*o.server_step * 16) / 16},
                   {"optimizer", o.optimizer},
                   {"lr", o.rate},
                   {"lr_schedule", name_of(o.rates)},
                   {"momentum", o.momentum},
                   {"weight_decay", o.weight_decay},
                   {"threshold", text_of(*o.threshold)},
                   {"down_threshold", text_of(*o.down_threshold)},
                   {"warm_up", *o.warm_up},
                   {"encoder", name_of(o.encoder)},
                   {"clip", *o.clip},
                   {"drift", *o.drift},
                   {"masking", *o.masking},
                   {"split", name_of(o.rows)},
                   {"numbers", name_of(o.numbers)},
                   {"seed", o.seed},
                   {"runs", o.runs}};
  for (const pair_of_runs& p : all)
    j["runs"].push_back({{"seed", p.seed}, {"dense", json_of(o, p.dense)}, {"two_step", json_of(o, p.two_step)}});
  return j.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";  // a path may be any bytes
}

std::string svg_text(const support::dataset& data, const results& all) {
  const pair_of_runs& one = all.front();
  std::vector<support::curve> curves = {{"dense, float32", "#b03a2e", {}}, {"two-step", "#1f5fa8", {}}};
  for (const sample_point& p : one.dense.curve) curves[0].points.emplace_back(static_cast<double>(p.bytes), p.accuracy);
  for (const sample_point& p : one.two_step.curve)
    curves[1].points.emplace_back(static_cast<double>(p.bytes), p.accuracy);
  return support::percent_plot(data.name + ": accuracy by what the fleet has sent, seed " + std::to_string(one.seed),
                               "bytes up and down, all workers", "test accuracy, %", curves);
}

}  // namespace fleet
