// SPDX-License-Identifier: MIT
#pragma once

#include "finding.hpp"
#include "input.hpp"
#include "options.hpp"

namespace inspect {

/// Reads a frame as a node would, and finds where and why a bad one is bad.
finding explain(const datagram& d, const options& o);

}  // namespace inspect
