// SPDX-License-Identifier: MIT
// What the command line says.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace serving {

enum class line_kind { command, device, terminal, tcp };

struct line_choice {
  line_kind kind;
  std::string where;
};

struct options {
  std::string net = "digits";
  std::vector<line_choice> lines;      ///< in the order of the command line
  std::vector<std::string> listen_at;  ///< PORT or HOST:PORT
  std::vector<std::string> udp;        ///< the same, for datagrams
  std::uint16_t ranks = 0;             ///< 0: as many as there are lines
  std::uint16_t quorum = 0;            ///< 0: all ranks
  std::uint32_t deadline_ms = 0;       ///< 0: none
  std::uint32_t rounds = 0;            ///< 0: no end
  double until_accuracy = 0;           ///< percent; 0: whatever it is
  std::uint16_t steps = 0;             ///< 0: the fleet's
  float density = 0;                   ///< 0: the fleet's
  float server_step = 1;
  std::uint32_t seed = 1;
  std::int32_t epoch = -1;  ///< -1: by chance
  std::uint32_t every = 10;
  std::string log;
  std::string state;  ///< where it goes on after a stop; none: it begins anew
};

constexpr std::uint16_t most_ranks = 1024;

/// Reads the command line. Throws support::bad_input; returns false when help was asked for and printed.
bool parse(int argc, const char* const* argv, options& o);

}  // namespace serving
