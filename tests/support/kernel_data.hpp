// SPDX-License-Identifier: MIT
// Random operands for the kernels' tests, and what "the same" means for floats: bit for bit.
#pragma once

#include <cstring>
#include <random>
#include <vector>
#include <weir/core/fixed.hpp>

namespace test_support {

inline std::vector<float> random_floats(size_t n, uint32_t seed) {
  std::mt19937 rng{seed};
  std::vector<float> v(n);
  for (float& x : v) x = (static_cast<float>(rng() >> 8) / 8388608.0f - 1.0f) * static_cast<float>(1u << (rng() % 12));
  return v;
}

template <class Fixed>
std::vector<Fixed> random_fixed(size_t n, uint32_t seed, int32_t most) {
  std::mt19937 rng{seed};
  std::vector<Fixed> v(n);
  for (Fixed& x : v) {
    const uint32_t span = 2 * static_cast<uint32_t>(most) + 1;
    x = Fixed::from_raw(static_cast<typename Fixed::rep>(static_cast<int32_t>(rng() % span) - most));
  }
  return v;
}

inline bool same_bits(float a, float b) { return std::memcmp(&a, &b, sizeof a) == 0; }
inline bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}

}  // namespace test_support
