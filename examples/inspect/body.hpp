// SPDX-License-Identifier: MIT
// Bodies of updates and broadcasts: what an encoder wrote.
#pragma once

#include <string>
#include <weir/core/span.hpp>

#include "finding.hpp"
#include "options.hpp"

namespace inspect {

bool is_encoder_name(const std::string& name);
/// For people: all of them.
std::string encoder_names();

/// Reads a body by o.encoder, o.cells and o.integer into f: parts, coordinates and, if it is none, the fault, whose offset
/// counts from `at`, where the body begins in the frame.
void explain_coordinates(weir::const_bytes body, std::size_t at, const options& o, finding& f);

}  // namespace inspect
