// SPDX-License-Identifier: MIT
#include "options.hpp"
#include "support/command_line.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <vector>

#include <CLI/CLI.hpp>

namespace fleet {
namespace {

using support::bad_input;

const std::map<std::string, encoding> encodings = {{"ternary", encoding::ternary},
                                                   {"strom", encoding::strom},
                                                   {"sparse32", encoding::sparse32},
                                                   {"sparse16", encoding::sparse16},
                                                   {"dense32", encoding::dense32},
                                                   {"one_signed", encoding::one_signed},
                                                   {"base3", encoding::base3},
                                                   {"logarithmic2", encoding::logarithmic2},
                                                   {"logarithmic3", encoding::logarithmic3},
                                                   {"logarithmic4", encoding::logarithmic4},
                                                   {"natural", encoding::natural},
                                                   {"sparse8", encoding::sparse8},
                                                   {"one_bit", encoding::one_bit},
                                                   {"levels1", encoding::levels1},
                                                   {"levels3", encoding::levels3},
                                                   {"levels7", encoding::levels7},
                                                   {"dense_natural", encoding::dense_natural}};
const std::map<std::string, schedule> schedules = {
    {"constant", schedule::constant}, {"step", schedule::step}, {"cosine", schedule::cosine}};
const std::map<std::string, split> splits = {{"iid", split::iid}, {"noniid", split::noniid}};
const std::map<std::string, number_kind> number_kinds = {{"float", number_kind::real},
                                                         {"int16", number_kind::int16},
                                                         {"int16r8", number_kind::int16r8},
                                                         {"int8", number_kind::int8},
                                                         {"int8r8", number_kind::int8r8}};

/// What --net calls them.
const std::map<std::string, net> nets = {
    {"dense", net::idx}, {"cnn", net::cnn}, {"conv3d", net::conv3d}, {"frames", net::frames}, {"gru", net::gru}};

/// A kind of data, as --data says it, and its models, the usual one first.
struct data_kind {
  std::string prefix;
  std::vector<std::string> models;
};
const data_kind data_kinds[] = {
    {"digits", {"dense"}}, {"idx:", {"dense", "cnn"}}, {"clips", {"conv3d", "frames"}}, {"text:", {"gru"}}};

const data_kind& kind_of(const std::string& data) {
  for (const data_kind& k : data_kinds)
    if (k.prefix.back() == ':' ? data.rfind(k.prefix, 0) == 0 : data == k.prefix) return k;
  throw bad_input("--data: no `" + data + "`; there are digits, idx:DIR, clips, text:FILE");
}

/// The name of the model, given or not.
std::string model_name(const options& o) { return o.model.empty() ? kind_of(o.data).models.front() : o.model; }

template <class Value>
std::string names(const std::map<std::string, Value>& all) {
  std::string list;
  for (const auto& entry : all) list += (list.empty() ? "" : ", ") + entry.first;
  return list;
}

template <class Value>
const char* name_in(const std::map<std::string, Value>& all, Value value) {
  for (const auto& entry : all)
    if (entry.second == value) return entry.first.c_str();
  return "?";
}

template <class Value>
Value value_of(const std::string& flag, const std::map<std::string, Value>& all, const std::string& name) {
  const auto found = all.find(name);
  if (found == all.end()) throw bad_input(flag + ": no `" + name + "`; there are " + names(all));
  return found->second;
}

/// An option whose value is one of a map's names.
template <class Value>
void add_choice(CLI::App& app, const std::string& flag, const std::map<std::string, Value>& all, Value& into,
                const std::string& what) {
  app.add_option_function<std::string>(
         flag, [&all, &into, flag](const std::string& name) { into = value_of(flag, all, name); }, what)
      ->type_name("NAME");
}

}  // namespace

threshold_choice threshold_of(const std::string& option, const std::string& text) {
  if (text == "always") return {crest::always, 0};
  const std::size_t colon = text.find(':');
  const std::string kind = text.substr(0, colon);
  if (colon == std::string::npos || (kind != "fixed" && kind != "density"))
    throw bad_input(option + ": no `" + text + "`; there are fixed:W, density:P, always");
  float value = 0;
  const bool number = CLI::detail::lexical_cast(text.substr(colon + 1), value) && value > 0 && std::isfinite(value);
  if (!number || (kind == "density" && value >= 1))
    throw bad_input(option + ": in `" + text + "`, " +
                    (kind == "fixed" ? "W must be above 0" : "P must be between 0 and 1"));
  return {kind == "fixed" ? crest::fixed : crest::density, value};
}

namespace {

void check_model(const options& o) {
  value_of("--net", nets, model_name(o));
  const data_kind& kind = kind_of(o.data);
  std::string list;
  for (const std::string& name : kind.models) list += (list.empty() ? "" : ", ") + name;
  if (std::find(kind.models.begin(), kind.models.end(), model_name(o)) == kind.models.end())
    throw bad_input("--net: no `" + o.model + "` for --data " + o.data + "; there is " + list);
  if (model_name(o) == "dense") return;
  if (o.batch != 16) throw bad_input("--batch: must be 16 with --net " + model_name(o));
  if (o.encoder != encoding::ternary && o.encoder != encoding::logarithmic4 && o.encoder != encoding::sparse32 &&
      o.encoder != encoding::dense32)
    throw bad_input("--encoder: with --net " + model_name(o) + " there are ternary, logarithmic4, sparse32, dense32");
  if (kind.prefix == "text:" && o.rows == split::noniid)
    throw bad_input("--split: a text has no classes to split by: iid only");
  if (kind.prefix == "text:" && o.drift.value_or(0) != 0) throw bad_input("--drift: is not for a text");
}

}  // namespace

void check(const options& o) {
  check_model(o);
  const auto need = [](bool ok, const char* what) {
    if (!ok) throw bad_input(what);
  };
  need(o.workers >= 1 && o.workers <= 1024, "--workers: must be 1 to 1024");
  need(o.runs >= 1, "--runs: must be 1 or more");
  need(!o.epochs || (*o.epochs >= 1 && *o.epochs <= 100000), "--epochs: must be 1 to 100000");
  need(!o.local_steps || *o.local_steps >= 1, "--local-steps: must be 1 or more");
  need(o.rate > 0 && std::isfinite(o.rate), "--lr: must be above 0");
  need(o.momentum >= 0 && o.momentum < 1, "--momentum: must be 0 or more and below 1");
  need(o.weight_decay >= 0 && std::isfinite(o.weight_decay), "--weight-decay: must be 0 or more");
  need(!o.server_step || (*o.server_step >= 1.0f / 16 && *o.server_step <= 16), "--server-step: must be 1/16 to 16");
  need(std::find(std::begin(batch_sizes), std::end(batch_sizes), o.batch) != std::end(batch_sizes),
       "--batch: must be 1, 2, 4, 8, 16, 32 or 64");
  need(o.optimizer == "sgd" || o.optimizer == "momentum" || o.optimizer == "nesterov",
       "--optimizer: there are sgd, momentum, nesterov");
  const auto is_always = [](const std::optional<threshold_choice>& c) { return c && c->kind == crest::always; };
  const bool everything = is_always(o.threshold) || is_always(o.down_threshold);
  need(!everything || o.encoder == encoding::dense32 || o.encoder == encoding::sparse32 ||
           o.encoder == encoding::sparse16 || o.encoder == encoding::natural || sends_all(o.encoder),
       "--encoder: `always` has no Wt, which this one takes its values from; there are "
       "sparse32, sparse16, natural, dense32, one_bit, levels1, levels3, levels7, dense_natural");
  need(!sends_all(o.encoder) ||
           ((!o.threshold || is_always(o.threshold)) && (!o.down_threshold || is_always(o.down_threshold))),
       "--encoder: this one sends all weights, so --threshold and --down-threshold are `always`");
  need(!for_comparison(o.encoder) || o.batch == 16, "--batch: must be 16 with this encoder");
  need(!for_comparison(o.encoder) ||
           ((o.numbers == number_kind::real || o.numbers == number_kind::int16) && !o.compare_numbers),
       "--numbers: must be float or int16 with this encoder");
  const bool integers = o.numbers != number_kind::real || o.compare_numbers;
  need(!o.hidden || *o.hidden == 16 || *o.hidden == 32, "--hidden: must be 16 or 32");
  need(!o.clip || *o.clip == 0 || (*o.clip >= 1 && std::isfinite(*o.clip)), "--clip: must be 1 or more, or 0");
  need(!o.drift || (*o.drift >= 0 && *o.drift < 1), "--drift: must be 0 or more and below 1");
  need(!integers || o.drift.value_or(0) == 0, "--drift: is for floats");
  need(!integers || o.data == "digits", "--numbers and --compare-numbers: integers are for --data digits");
  need(!integers || o.hidden.value_or(16) == 16, "--numbers and --compare-numbers: integers are for --hidden 16");
  need(o.hidden.value_or(32) == 32 || o.data == "digits", "--hidden: 16 is for --data digits");
  need((!integers && o.hidden.value_or(32) == 32) || o.batch == 1 || o.batch == 16,
       "--batch: must be 1 or 16 with 16 hidden units");
  need(!integers || (o.encoder != encoding::dense32 && o.encoder != encoding::sparse32),
       "--encoder: integers have 16 bits at most; there are ternary, strom, sparse16");
  need(!o.compare_numbers || (o.numbers == number_kind::real && o.svg.empty()),
       "--compare-numbers: compares all kinds, and draws nothing: leave out --numbers and --svg");
  need(o.json.empty() || o.json != o.svg, "--json and --svg: must be two files");
  need(o.observe.empty() || (o.observe != o.json && o.observe != o.svg), "--observe: must be a file of its own");
  need(o.observe.empty() || !o.compare_numbers, "--observe: not with --compare-numbers");
}

namespace {

std::uint32_t steps(const options& o, const support::dataset& data) {
  return steps_per_epoch(data.train.size(), o.workers, o.batch) * *o.epochs;
}

plan common_plan(const options& o, const support::dataset& data, std::uint32_t seed) {
  const float mu = o.optimizer == "sgd" ? 0.0f : o.momentum;
  const any_optimizer optimizer(any_rate{o.rates, o.rate, steps(o, data)}, mu, o.weight_decay,
                                o.optimizer == "nesterov", true);
  return plan{seed,
              o.workers,
              *o.epochs,
              o.batch,
              1,
              weir::mean(),
              optimizer,
              0,
              {crest::always, 0},
              {crest::always, 0},
              0,
              0,
              encoding::dense32,
              o.rows,
              model_of(o, data),
              1.0f,
              number_kind::real};
}

}  // namespace

encoding encoding_of(const std::string& option, const std::string& name) { return value_of(option, encodings, name); }

const char* name_of(encoding e) { return name_in(encodings, e); }
const char* name_of(schedule s) { return name_in(schedules, s); }
const char* name_of(split s) { return name_in(splits, s); }
const char* name_of(number_kind n) { return name_in(number_kinds, n); }
const char* name_of(net n) { return n == net::digits || n == net::device ? "dense" : name_in(nets, n); }

std::string text_of(threshold_choice c) {
  if (c.kind == crest::always) return "always";
  char text[40];
  std::snprintf(text, sizeof text, c.kind == crest::fixed ? "fixed:%g" : "density:%g", static_cast<double>(c.value));
  return text;
}

namespace {

/// Where --lr says nothing.
float usual_rate(const options& o) { return model_name(o) == "gru" ? 0.5f : options().rate; }

/// The shortest text that is read as this number again.
std::string exact(float v) {
  char text[40];
  for (int digits = 6; digits <= 9; ++digits) {
    std::snprintf(text, sizeof text, "%.*g", digits, static_cast<double>(v));
    if (std::strtof(text, nullptr) == v) break;
  }
  return text;
}

std::string exact(threshold_choice c) {
  if (c.kind == crest::always) return "always";
  return (c.kind == crest::fixed ? "fixed:" : "density:") + exact(c.value);
}

/// One word, for a POSIX shell.
std::string quoted(const std::string& word) {
  const char* const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%";
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

}  // namespace

std::string exchange_words(const options& o) {
  std::string words = "--local-steps " + std::to_string(*o.local_steps);
  words += " --server-step " + exact(std::round(*o.server_step * 16) / 16);
  words += " --threshold " + exact(*o.threshold) + " --down-threshold " + exact(*o.down_threshold);
  return words + " --warm-up " + std::to_string(*o.warm_up) + " --encoder " + name_of(o.encoder) + " --clip " +
         exact(*o.clip) + " --drift " + exact(*o.drift) + " --masking " + (*o.masking ? "on" : "off");
}

std::string command_line(const options& o) {
  const options ours;  // as fleet has it
  std::string words;
  const auto add = [&words](const char* flag, const std::string& value) { words += std::string(flag) + value + " "; };
  if (o.data != ours.data) add("--data ", quoted(o.data));
  if (!o.model.empty() && o.model != kind_of(o.data).models.front()) add("--net ", o.model);
  if (o.workers != ours.workers) add("--workers ", std::to_string(o.workers));
  add("--epochs ", std::to_string(*o.epochs));
  if (o.batch != ours.batch) add("--batch ", std::to_string(o.batch));
  if (o.optimizer != ours.optimizer) add("--optimizer ", o.optimizer);
  if (o.rate != usual_rate(o)) add("--lr ", exact(o.rate));
  if (o.rates != ours.rates) add("--lr-schedule ", name_of(o.rates));
  if (o.momentum != ours.momentum) add("--momentum ", exact(o.momentum));
  if (o.weight_decay != ours.weight_decay) add("--weight-decay ", exact(o.weight_decay));
  if (o.numbers != ours.numbers) add("--numbers ", name_of(o.numbers));
  if (o.hidden) add("--hidden ", std::to_string(*o.hidden));
  if (o.compare_numbers) words += "--compare-numbers ";
  if (o.rows != ours.rows) add("--split ", name_of(o.rows));
  words += exchange_words(o);
  if (o.seed != ours.seed) words += " --seed " + std::to_string(o.seed);
  if (o.runs != ours.runs) words += " --runs " + std::to_string(o.runs);
  return words;
}

void add_training(CLI::App& app, options& o) {
  app.add_option(
      "--data", o.data,
      "digits; idx:DIR with the four files of an MNIST-like set; clips, of digits that move; text:FILE, or a "
      "folder of texts [digits]");
  app.add_option(
         "--net", o.model,
         "for digits dense; for idx dense or cnn; for clips conv3d or frames, which sees each by itself; for text "
         "gru [the first]")
      ->type_name("NAME");
  app.add_option("--workers", o.workers, "devices that train [8]");
  app.add_option("--epochs", o.epochs, "[10 or more, so that there are 600 steps; 3 and 3,200 for gru]");
  app.add_option("--batch", o.batch, "samples to a step: 1, 2, 4, 8, 16, 32 or 64 [16]");
  app.add_option("--optimizer", o.optimizer, "sgd, momentum or nesterov [momentum]")->type_name("NAME");
  app.add_option_function<float>(
      "--lr", [&o](float rate) { o.rate = rate, o.rate_given = true; }, "learning rate [0.05; 0.5 for gru]");
  add_choice(app, "--lr-schedule", schedules, o.rates, "constant, step (a tenth after each third) or cosine [cosine]");
  app.add_option("--momentum", o.momentum, "of momentum and nesterov [0.9]");
  app.add_option("--weight-decay", o.weight_decay, "[0]");
  add_choice(app, "--numbers", number_kinds, o.numbers,
             "of the fleet in two steps: float, int16, int16r8 (residual of 8 bits), int8, int8r8 [float]");
  app.add_option("--hidden", o.hidden, "hidden units for digits: 32, or 16, for a device [32; 16 if not float]");
  add_choice(app, "--split", splits, o.rows, "iid, or noniid: two classes a worker [iid]");
  app.add_option("--seed", o.seed, "the same seed gives the same bytes [1]");
  app.add_option("--jobs", o.jobs, "runs at a time; 0: one for each processor [0]");
}

bool parse(int argc, const char* const* argv, options& o) {
  CLI::App app("Trains one model with a fleet of workers in one process, dense and in two steps, and compares.");
  add_training(app, o);
  app.add_option("--local-steps", o.local_steps, "steps to a round [3, of gru 12; above 16 workers 2, 8; 1 if noniid]");
  app.add_option("--server-step", o.server_step,
                 "factor of the mean of updates, rounded to sixteenths [by the number of workers]");
  app.add_option_function<std::string>(
         "--threshold", [&o](const std::string& text) { o.threshold = threshold_of("--threshold", text); },
         "of workers: fixed:W, density:P or always [by sizes: a fixed Wt]")
      ->type_name("RULE");
  app.add_option_function<std::string>(
         "--down-threshold",
         [&o](const std::string& text) { o.down_threshold = threshold_of("--down-threshold", text); },
         "of broadcasts, in the same words [by sizes]")
      ->type_name("RULE");
  app.add_option("--warm-up", o.warm_up, "rounds with a lower Wt at first [0]");
  add_choice(
      app, "--encoder", encodings, o.encoder,
      "of both ways: ternary, strom, one_signed (down: ternary), base3, logarithmic2, logarithmic3, "
      "logarithmic4, natural, sparse8, sparse16, sparse32; without a threshold: one_bit, levels1, levels3, levels7, "
      "dense_natural, dense32 [ternary; logarithmic4 if noniid]");
  app.add_option("--clip", o.clip,
                 "limit for what an emitted cell keeps, in multiples of Wt; 0: none [0; 1.25 above 16 workers]");
  app.add_option("--drift", o.drift, "share of a worker's own drift taken from its updates [0; 0.6 if noniid]");
  app.add_option("--masking", o.masking, "does what was emitted lose its momentum? [on; off if noniid, or gru]")
      ->type_name("on|off");
  app.add_flag("--compare-numbers", o.compare_numbers,
               "instead: floats against each kind of integers, devices alone and in a fleet");
  app.add_option("--runs", o.runs, "pairs of runs, with seeds SEED, SEED + 1, ... [1]");
  app.add_option("--json", o.json, "results, for programs")->type_name("FILE");
  app.add_option("--svg", o.svg, "accuracy against bytes, as a picture")->type_name("FILE");
  app.add_option("--observe", o.observe,
                 "each round of two-step runs as it ends: Wt, density, bytes, residual; a JSON line each")
      ->type_name("FILE");
  app.add_flag("--quiet", o.quiet, "no progress");
  if (!support::parse(app, argc, argv)) return false;
  o.encoder_given = app.count("--encoder") != 0;
  check(o);
  return true;
}

support::dataset load(const options& o) {
  const std::string& prefix = kind_of(o.data).prefix;
  const std::string path = o.data.substr(prefix.size());
  if (prefix == "idx:") return support::load_idx(path);
  if (prefix == "text:") return support::load_text(path);
  return prefix == "clips" ? support::make_clips() : support::load_digits();
}

net model_of(const options& o, const support::dataset& data) {
  const net named = value_of("--net", nets, model_name(o));
  if (named != net::idx || !takes_digits(data)) return named;
  const bool integers = o.numbers != number_kind::real || o.compare_numbers;
  return integers || o.hidden == std::uint16_t(16) ? net::device : net::digits;
}

namespace {

threshold_choice rounded(float wt) { return {crest::fixed, std::round(1000 * wt) / 1000}; }

/// How some models differ from the others where rows are dealt at random, tried with 8 workers.
struct manner {
  float wt;             ///< times that of the others
  float server_step;    ///< of 8 workers
  unsigned most_steps;  ///< to a round
  bool masking;
};
manner manner_of(net model) {
  // The few weights of its convolutions are in 5 to 30 times as many frames as those behind them. It has room for a low Wt:
  // most of its weights see little.
  if (model == net::cnn) return {1.0f / 3, 1.25f, 3, true};
  // What passes takes many steps to say something, in all weights alike; with twice the mean it does not settle.
  if (model == net::gru) return {1.05f, 1.25f, 12, false};
  return {1, 2, 3, true};
}

/// Rows are dealt at random: one Wt for all of a run. Where it falls, if only a little, what has waited for long is sent late,
/// when it does harm. It may be higher where there are fewer weights, because each says more, and is lower where there are
/// more workers, because each has less time; their mean, then, is sooner above its own.
void settle_iid(options& o, float weights, manner m) {
  const float workers = std::min(64.0f, std::max(4.0f, static_cast<float>(o.workers))) / 8;  // tried: 8 and 32
  const float up = m.wt * 0.089f / std::pow(weights, 0.05f), down = m.wt * 0.105f / std::pow(weights, 0.125f);
  if (!o.local_steps) o.local_steps = static_cast<std::uint16_t>(workers > 2 ? m.most_steps * 2 / 3 : m.most_steps);
  if (!o.server_step) o.server_step = std::max(1.0f, m.server_step + 0.5f * std::log2(workers));
  if (!o.warm_up) o.warm_up = 0;
  if (!o.threshold) o.threshold = rounded(up / std::pow(workers, 0.375f));
  if (!o.down_threshold) o.down_threshold = rounded(down * std::pow(workers, 0.25f));
  if (!o.clip) o.clip = workers > 2 ? 1.25f : 0.0f;  // each cell waits for longer, and what is left of it is older
  if (!o.drift) o.drift = 0.0f;
  if (!o.masking) o.masking = m.masking;
}

/// Each worker has two classes, and pulls at the weights of all others. What it sends must say how much (cells of the few
/// weights that always move would run away from one magnitude for a frame), at once, and without what is only its own.
void settle_noniid(options& o, float weights) {
  const float workers = std::min(64.0f, std::max(4.0f, static_cast<float>(o.workers))) / 8;  // tried: 8
  const float up = 0.142f / std::pow(weights, 0.05f), down = 0.0845f / std::pow(weights, 0.125f);
  const bool takes_any = o.batch == 16 && o.numbers == number_kind::real && !o.compare_numbers;
  if (!o.encoder_given && takes_any) o.encoder = encoding::logarithmic4;
  if (!o.local_steps) o.local_steps = 1;
  if (!o.server_step) o.server_step = 1.25f;
  if (!o.warm_up) o.warm_up = 0;
  if (!o.threshold) o.threshold = rounded(up / std::pow(workers, 0.375f));
  if (!o.down_threshold) o.down_threshold = rounded(down * std::pow(workers, 0.25f));
  if (!o.drift) o.drift = o.numbers == number_kind::real && !o.compare_numbers ? 0.6f : 0.0f;
  if (!o.clip) o.clip = 0.0f;
  if (!o.masking) o.masking = false;
}

void settle_exchange(options& o, net model) {
  if (sends_all(o.encoder) || (o.threshold && o.threshold->kind == crest::always)) {
    if (!o.threshold) o.threshold = threshold_choice{crest::always, 0};
    if (!o.down_threshold) o.down_threshold = threshold_choice{crest::always, 0};
    if (!o.drift) o.drift = 0.0f;  // it is about what waits
  }
  const float weights = static_cast<float>(parameters(model));
  o.rows == split::iid ? settle_iid(o, weights, manner_of(model)) : settle_noniid(o, weights);
}

}  // namespace

void settle(options& o, const support::dataset& data) {
  const std::uint32_t each = steps_per_epoch(data.train.size(), o.workers, o.batch);
  if (each == 0)
    throw bad_input(std::to_string(data.train.size()) + " rows are too few for " + std::to_string(o.workers) +
                    " workers with batches of " + std::to_string(o.batch));
  if (o.epochs && static_cast<std::uint64_t>(each) * *o.epochs > UINT32_MAX / 2)
    throw bad_input("--epochs: too many steps");
  if (!o.rate_given) o.rate = usual_rate(o);
  const net model = model_of(o, data);
  const std::uint32_t least_epochs = model == net::gru ? 3 : 10, least_steps = model == net::gru ? 3200 : 600;
  if (!o.epochs) o.epochs = std::max(least_epochs, (least_steps + each - 1) / each);
  settle_exchange(o, model);
}

plan two_step_plan(const options& o, const support::dataset& data, std::uint32_t seed) {
  plan p = common_plan(o, data, seed);
  p.local_steps = *o.local_steps;
  p.aggregation = weir::mean(static_cast<std::uint16_t>(std::lround(*o.server_step * 16)), 4);
  p.up = *o.threshold;
  p.down = *o.down_threshold;
  p.warm_up = *o.warm_up;
  p.encoder = o.encoder;
  p.clip = *o.clip;
  p.drift = *o.drift;
  p.optimizer.masks = *o.masking;
  p.numbers = o.numbers;
  return p;
}

plan dense_plan(const options& o, const support::dataset& data, std::uint32_t seed) {
  return common_plan(o, data, seed);
}

}  // namespace fleet
