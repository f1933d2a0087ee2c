// SPDX-License-Identifier: MIT
// What the command line says, and what it leaves to us.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "plan.hpp"
#include "support/dataset.hpp"

namespace CLI {
class App;
}

namespace fleet {

struct options {
  std::string data = "digits";
  std::string model;  ///< a name, or empty: the first that the data has
  std::uint16_t workers = 8;
  weir::index_t batch = 16;
  std::string optimizer = "momentum";
  float rate = 0.05f;
  bool rate_given = false;  ///< if not, settle() may take another
  float momentum = 0.9f;
  float weight_decay = 0;
  schedule rates = schedule::cosine;
  encoding encoder = encoding::ternary;
  bool encoder_given = false;  ///< if not, settle() may take another
  split rows = split::iid;
  number_kind numbers = number_kind::real;
  bool compare_numbers = false;
  std::uint32_t seed = 1;
  std::uint32_t runs = 1;
  std::uint32_t jobs = 0;  // 0: as many as there are processors
  bool quiet = false;
  std::string json;
  std::string svg;
  std::string observe;

  // Unless given, these follow from the sizes of the data, the model and the fleet: settle().
  std::optional<std::uint16_t> hidden;
  std::optional<std::uint32_t> epochs;
  std::optional<std::uint16_t> local_steps;
  std::optional<float> server_step;
  std::optional<std::uint16_t> warm_up;
  std::optional<threshold_choice> threshold;
  std::optional<threshold_choice> down_threshold;
  std::optional<float> clip;
  std::optional<float> drift;
  std::optional<bool> masking;
};

/// Reads the command line. Throws support::bad_input; returns false when help was asked for and printed.
bool parse(int argc, const char* const* argv, options& o);

/// For programs with options of their own: those of them that say what is trained, on what, and from which seed.
void add_training(CLI::App& app, options& o);
/// Throws support::bad_input if they do not go together.
void check(const options& o);
/// What a word stands for: an encoder's name; always, fixed:W or density:P. Throws support::bad_input, about `option`.
encoding encoding_of(const std::string& option, const std::string& name);
threshold_choice threshold_of(const std::string& option, const std::string& text);

/// The data that --data names. Throws support::bad_input.
support::dataset load(const options& o);

/// Fills in what was not given, by sizes alone. Throws support::bad_input when the rows are too few.
void settle(options& o, const support::dataset& data);

/// The words after `fleet` that train the same again, once settled. What fleet takes of itself whatever the sizes are is
/// left out; --jobs, --quiet and files do not matter for that.
std::string command_line(const options& o);
/// Of these, what differs between two ways to exchange the same updates: always all of them, in this order.
std::string exchange_words(const options& o);

/// The model that the data and the options ask for. Throws support::bad_input if there is none.
net model_of(const options& o, const support::dataset& data);

/// The two runs of one seed. They differ in what goes over the lines, and when.
plan two_step_plan(const options& o, const support::dataset& data, std::uint32_t seed);
plan dense_plan(const options& o, const support::dataset& data, std::uint32_t seed);

const char* name_of(encoding e);
const char* name_of(schedule s);
const char* name_of(split s);
const char* name_of(number_kind n);
const char* name_of(net n);
std::string text_of(threshold_choice c);

}  // namespace fleet
