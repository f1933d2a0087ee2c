// SPDX-License-Identifier: MIT
// Included before all else: the library then takes this host for a machine with 16-bit int and pointers and no vectors, such as an AVR, and
// builds what it would build there, but for assembly and platform. The standard library must not notice.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#undef __SIZEOF_INT__
#define __SIZEOF_INT__ 2
#undef __SIZEOF_POINTER__
#define __SIZEOF_POINTER__ 2
// All that weir/config.hpp asks for.
#undef __ARM_NEON
#undef __AVX2__
#undef __AVX512F__
#undef __AVX512VBMI2__
#undef __AVX__
#undef __FMA__
#undef __SSE2__
#undef __SSE4_2__
