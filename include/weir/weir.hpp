// SPDX-License-Identifier: MIT
// The umbrella: everything a firmware needs, nothing that needs an operating system.
#pragma once

#include <weir/config.hpp>
#include <weir/version.hpp>
