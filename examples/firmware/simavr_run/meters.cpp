// SPDX-License-Identifier: MIT
#include "meters.hpp"

#include <algorithm>
#include <cstdio>

namespace simavr_run {

void meters::write(std::uint8_t id, std::uint64_t cycle) {
  if (id != 0) {
    open_.push_back({id, cycle});
    return;
  }
  if (open_.empty()) return;
  const start begun = open_.back();
  open_.pop_back();
  const std::uint64_t took = cycle - begun.cycle;
  meter& m = all_.try_emplace(begun.id, meter{0, took, took, 0}).first->second;
  m = meter{m.count + 1, std::min(m.min, took), std::max(m.max, took), m.sum + took};
}

std::string meters::json_lines() const {
  std::string text;
  for (const auto& [id, m] : all_) {
    char line[160];
    std::snprintf(line, sizeof line, "{\"mark\":%u,\"count\":%llu,\"min\":%llu,\"mean\":%.1f,\"max\":%llu}\n", id,
                  static_cast<unsigned long long>(m.count), static_cast<unsigned long long>(m.min),
                  static_cast<double>(m.sum) / static_cast<double>(m.count), static_cast<unsigned long long>(m.max));
    text += line;
  }
  return text;
}

}  // namespace simavr_run
