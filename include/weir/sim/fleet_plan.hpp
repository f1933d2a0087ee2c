// SPDX-License-Identifier: MIT
// What a simulated fleet is made of (C++17). Not part of the umbrella.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <vector>

#include <weir/fleet.hpp>
#include <weir/sim/device.hpp>
#include <weir/wire/frame.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace sim {

/// So many devices of a kind; their ranks follow those of the group before.
struct device_group {
  device_kind kind;
  std::uint16_t devices;
};

struct fleet_plan {
  std::uint64_t seed = 1;  ///< of everything that is left to chance: the same one, the same run
  std::vector<device_group> groups;
  std::uint16_t steps = 0;  ///< of weir::fleet_terms, all four; ranks are the devices
  std::uint32_t deadline_ms = 0;
  float wt = 0;
  std::uint16_t quorum = 0;
  std::optional<link> trunk = {};  ///< the coordinator's own line, which all share; without one only theirs take time
  bool multicast = false;  ///< a broadcast goes over the trunk once for all (a gateway, a radio), not once for each
  std::uint16_t waits_for = 0;  ///< members that there must be before time runs for the first round, and it may close

  std::size_t devices() const {
    std::size_t n = 0;
    for (const device_group& g : groups) n += g.devices;
    return n;
  }
  fleet_terms terms() const {
    return fleet_terms(static_cast<std::uint16_t>(devices()), steps, deadline_ms, wt, quorum);
  }
  /// Throws std::invalid_argument if it makes no sense.
  void check() const {
    if (devices() == 0 || devices() > wire::max_ranks())
      throw std::invalid_argument("weir: a fleet has 1 to 16,384 devices");
    if (waits_for > devices()) throw std::invalid_argument("weir: waits_for more members than there are devices");
    if (trunk && !(trunk->up.possible() && trunk->down.possible()))
      throw std::invalid_argument("weir: the trunk is not possible");
    for (const device_group& g : groups)
      if (!g.kind.possible()) throw std::invalid_argument("weir: a kind of device or its link is not possible");
  }
};

/// A round, when it has been closed.
struct round_record {
  double opened, closed;    ///< virtual seconds
  std::uint32_t broadcast;  ///< bytes
  std::uint16_t counted;    ///< ranks
  std::uint16_t late;       ///< updates that were counted in it and made for an earlier one
};

}  // namespace sim
}  // namespace WEIR_ABI
}  // namespace weir
