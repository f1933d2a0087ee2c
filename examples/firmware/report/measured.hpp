// SPDX-License-Identifier: MIT
#pragma once

#include "run.hpp"

namespace firmware_report {

/// A program, what the linker made of it, and what it did.
struct measured {
  program what;
  std::string compiler;
  sizes size;
  result plain;
  result marked;

  std::optional<cycles> mark(int id) const {
    const auto at = marked.marks.find(id);
    return at == marked.marks.end() ? std::nullopt : std::optional<cycles>(at->second);
  }
  /// Variables and stack.
  std::optional<std::uint32_t> ram() const {
    if (!plain.stack_peak) return std::nullopt;
    return size.ram_static + *plain.stack_peak;
  }
};

/// Builds nothing, runs everything. `folder` is for files on the way.
measured measure(const program& p, const std::string& folder);

}  // namespace firmware_report
