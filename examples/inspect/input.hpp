// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "options.hpp"

namespace inspect {

/// A datagram of a stream. `whole`: false for bytes between two zeros that are no COBS; they stand in `bytes` as they came.
struct datagram {
  std::size_t at;  ///< of its first byte on the stream
  bool whole;
  std::vector<std::uint8_t> bytes;
};

/// What is to be explained. Throws support::bad_input.
std::vector<datagram> read(const options& o);

}  // namespace inspect
