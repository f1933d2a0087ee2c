// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "finding.hpp"

namespace inspect {

/// For people.
std::string as_text(const finding& f);
/// For programs: one line.
std::string as_json(const finding& f);

}  // namespace inspect
