// SPDX-License-Identifier: MIT
// What the command line says, and what it leaves to us.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "setup.hpp"

namespace simulate {

struct options {
  std::string data = "digits";
  std::vector<std::string> links = {"lora_sf7", "802.15.4", "ble", "uart", "wifi", "intercontinental", "wifi", "ble"};
  float rate = 0.05f;
  fleet::split rows = fleet::split::iid;
  std::uint16_t local_steps = 5;
  std::vector<float> times = {1, 1.5f, 2, 3, 4, 6};
  double step_ms = 50;
  bool step_ms_given = false;
  double target = 86;
  std::uint32_t seed = 1;
  std::uint32_t jobs = 0;  // 0: as many as there are processors
  bool quiet = false;
  std::string json;
  std::string svg;
  std::string trace;
  double loss = 0;
  double resets = 0;
  bool saves = false;
  bool scale = false;   ///< the table of speed-ups instead
  bool shared = false;  ///< there the coordinator's line is one for all

  std::optional<std::uint32_t> devices;  // the links in turn
  std::optional<std::uint32_t> rounds;
  // Unless given, these follow from the sizes of the data, the model and the fleet: settle().
  std::optional<std::uint32_t> epochs;
  std::optional<float> wt;
  std::optional<float> down_wt;
  std::optional<float> server_step;
  std::optional<double> round_seconds;
};

/// Reads the command line. Throws support::bad_input; returns false when help was asked for and printed.
bool parse(int argc, const char* const* argv, options& o);

/// The data that --data names.
support::dataset load(const options& o);

/// Fills in what was not given, by sizes and links alone. Throws support::bad_input when the rows are too few.
void settle(options& o, const support::dataset& data);

enum class exchange { dense, one_wt, budgets };

/// A way to exchange that is tried.
struct trial {
  exchange how;
  std::string name;
  setup what;
};

/// Dense exchange; one Wt for all devices, as many as there are `times`, with two of the broadcast each; and a Wt by each link's
/// budget.
std::vector<trial> trials(const options& o);

}  // namespace simulate
