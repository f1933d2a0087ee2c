// SPDX-License-Identifier: MIT
#include "measured.hpp"

#include <stdexcept>

namespace firmware_report {

measured measure(const program& p, const std::string& folder) {
  try {
    measured m = {p, compiler_of(p), sizes_of(p, p.elf), run(p, p.elf, folder), {}};
    if (!p.marked.empty()) m.marked = run(p, p.marked, folder);
    return m;
  } catch (const std::exception& e) {
    throw std::runtime_error(p.example + " for " + p.target + ": " + e.what());
  }
}

}  // namespace firmware_report
