// SPDX-License-Identifier: MIT
// How much faster do N devices train than one, over lines of 10 Mbit/s from one continent to another?
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace simulate {

struct scale_options {
  std::vector<std::uint32_t> devices = {1, 10, 100, 1000, 10000};
  double step_seconds = 0.1;
  float density = 0.0025f;  ///< of compressed updates, and of their broadcasts
  bool shared = false;      ///< the coordinator's line is one of those, too
  double memory = 4e9;      ///< bytes that a simulation may take; larger ones are not simulated
  bool quiet = false;
};

struct scale_result {
  std::string exchange;
  std::uint32_t devices;
  std::uint16_t local_steps;
  double up, down;       ///< bytes of a frame
  double round_seconds;  ///< simulated, 0 if not
  double tc_seconds;     ///< by Tc alone: steps, Tc up, Tc down
  double speed_up;       ///< steps a second, to those of one device that exchanges nothing; simulated, or by Tc
};

/// Each way to exchange with each number of devices.
std::vector<scale_result> run_scale(const scale_options& o);

std::string scale_table(const scale_options& o, const std::vector<scale_result>& all);
std::string scale_json(const scale_options& o, const std::vector<scale_result>& all);

}  // namespace simulate
