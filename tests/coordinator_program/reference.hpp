// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "../support/fleet_in_memory.hpp"

namespace coordinator_program {

/// The CRC-32C of the same fleet's weights, without a line, after so many rounds with all ranks, as the log writes it.
template <class Net>
std::string reference_weights(std::uint16_t ranks, unsigned rounds) {
  test_support::fleet_in_memory<Net> fleet(ranks);
  fleet.rounds(rounds);
  return fleet.weights();
}

}  // namespace coordinator_program
