// SPDX-License-Identifier: MIT
// Chance, as a simulation has it (C++17). Not part of the umbrella.
#pragma once

#include <cmath>
#include <cstdint>

#include <weir/config.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace sim {

/// Seeded random numbers: a Weyl sequence of 64 bits, scrambled (Steele, Lea and Flood, "SplitMix", OOPSLA 2014). 8 bytes of
/// state, so that each way of each of 10,000 devices has chances of its own, and what one draws moves no other.
class chances {
 public:
  explicit chances(std::uint64_t seed = 0) : state_(scrambled(seed)) {}
  /// One of many: another stream for each of their numbers.
  chances(std::uint64_t seed, std::uint64_t which, std::uint64_t what)
      : state_(scrambled(scrambled(scrambled(seed) + which) + what)) {}

  /// 64 uniform bits.
  std::uint64_t next() { return scrambled(state_ += 0x9e3779b97f4a7c15u); }
  /// Uniform in [0, 1), a multiple of 2^-53.
  double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  /// Uniform in [0, limit); limit in [1, 2^32]. Uneven by less than 2^-32.
  std::uint64_t below(std::uint64_t limit) { return ((next() >> 32) * limit) >> 32; }
  /// True in a share p of all cases; draws nothing where there is no choice.
  bool happens(double p) { return p > 0 && (p >= 1 || unit() < p); }
  /// So long until something happens that is as likely at any time, after `mean` on average.
  double waiting(double mean) { return -mean * std::log1p(-unit()); }
  /// Uniform between the two.
  double between(double least, double most) { return least + (most - least) * unit(); }

 private:
  static constexpr std::uint64_t scrambled(std::uint64_t v) {
    v = (v ^ (v >> 30)) * 0xbf58476d1ce4e5b9u;
    v = (v ^ (v >> 27)) * 0x94d049bb133111ebu;
    return v ^ (v >> 31);
  }

  std::uint64_t state_;
};

}  // namespace sim
}  // namespace WEIR_ABI
}  // namespace weir
