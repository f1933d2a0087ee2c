// SPDX-License-Identifier: MIT
#pragma once

#include <weir/core/nasty.hpp>  // first
#  include <weir/version.hpp>
#include <weir/core/nasty.hpp>
// the last line
