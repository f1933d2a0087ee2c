// SPDX-License-Identifier: MIT
// Floats that a comparison with a bound may get wrong: the bound itself, its neighbours, and those that are no ordinary
// number.
#pragma once

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace test_support {

inline std::vector<float> awkward_floats(size_t n, uint32_t seed, float bound) {
  const float infinite = std::numeric_limits<float>::infinity();
  const float no_number = std::numeric_limits<float>::quiet_NaN();
  const float special[] = {bound,
                           std::nextafter(bound, 0.0f),
                           std::nextafter(bound, infinite),
                           0.0f,
                           1e-45f,  // the smallest subnormal
                           std::numeric_limits<float>::min(),
                           std::numeric_limits<float>::max(),
                           infinite,
                           no_number};
  std::mt19937 rng{seed};
  std::vector<float> v(n);
  for (float& x : v) {
    const uint32_t kind = rng() % 32;
    x = kind < 9 ? special[kind] : std::ldexp(static_cast<float>(rng() >> 8), static_cast<int>(rng() % 12) - 24);
    if (rng() % 2 != 0) x = -x;
  }
  return v;
}

}  // namespace test_support
