// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "support/child.hpp"

namespace firmware_report {

/// How a program is run, and what it says then.
enum class behaviour {
  none,      ///< it is only built: there is no emulator
  selftest,  ///< it prints how many rows it gets right, and its stack
  node,      ///< its line leads to a coordinator
  learner,   ///< it prints how many it recognises
  measure    ///< it is there for its marks
};

/// A program as CMake has built it: a line of the list that the build writes (CMakeLists.txt).
struct program {
  std::string example;  ///< or what is measured
  std::string target;
  behaviour does;
  std::string elf;
  std::string marked;    ///< the same, with marks around a step and around gate and encoder; empty: there is none
  std::string compiler;  ///< its driver
  std::string tools;     ///< prefix of nm and size
  std::string net;       ///< of a node: digits or quarter
  std::string number;    ///< of a node: int16 or int16r8
  std::uint16_t rank;    ///< of a node
  std::size_t packet;    ///< of a node: bytes of its line's packets; 0: a byte stream
  support::command run;  ///< the emulator, to be followed by the ELF; empty: there is none

  bool is_avr() const { return tools == "avr-"; }
};

/// Throws support::bad_input if there is no such file, or it is no such list.
std::vector<program> read_programs(const std::string& file);

/// What the linker has put where, in bytes.
struct sizes {
  std::uint32_t flash;                ///< code, tables, initial values of variables
  std::uint32_t data_share;           ///< of it rows of data that a device learns from
  std::uint32_t data;                 ///< of it initial values of variables
  std::uint32_t ram_static;           ///< variables
  std::optional<std::uint32_t> node;  ///< of it the worker or learner

  std::uint32_t code() const { return flash - data_share; }
};
sizes sizes_of(const program& p, const std::string& elf);

/// A name and a version.
std::string compiler_of(const program& p);

}  // namespace firmware_report
