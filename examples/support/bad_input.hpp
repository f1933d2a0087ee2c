// SPDX-License-Identifier: MIT
#pragma once

#include <stdexcept>

namespace support {

/// The user gave us something that we cannot work with; what() is one line that says what.
struct bad_input : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace support
