// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace goals {

/// What a run measures, and how long.
struct plan {
  bool quick = false;
  unsigned rounds = 9;
  std::string only;  ///< part of a name; empty: all
  std::string json;

  bool wants(const std::string& name) const { return name.find(only) != std::string::npos; }
};

/// Says on stderr what is going on: a line that is written over on a terminal, elsewhere a line now and then. Empty:
/// nothing is.
void progress(const std::string& what);

}  // namespace goals
