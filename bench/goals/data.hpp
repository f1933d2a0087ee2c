// SPDX-License-Identifier: MIT
// Synthetic updates, the same on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace goals {

/// xoshiro256** (Blackman and Vigna 2018), seeded by splitmix64.
class dice {
 public:
  explicit dice(std::uint64_t seed);
  std::uint64_t bits();
  /// In (0, 1).
  double uniform() { return (static_cast<double>(bits() >> 11) + 0.5) * 0x1p-53; }
  double normal();

 private:
  std::uint64_t state_[4];
};

/// Ascending indices of 31 bits; bit 31 says that the value is negative.
typedef std::vector<std::uint32_t> coordinates;

/// Each of n cells passes with probability p.
coordinates even(std::uint32_t n, double p, dice& random);
/// The k largest of n normal values whose scale differs, log-normally, from one run of 8192 cells to the next.
/// The scales are the same in all calls: what such runs cost depends on them much more than on the values.
coordinates uneven(std::uint32_t n, std::uint32_t k, dice& random);
/// k of n cells, all sets alike.
coordinates chosen(std::uint32_t n, std::uint32_t k, dice& random);

/// What k coordinates among n cost at least, in bits, without signs: n h2(k / n).
double entropy(double n, double k);
/// The same when the number of coordinates in each run of 8192 cells is known.
double entropy_of_runs(std::uint32_t n, const coordinates& hits);

/// Writes a body of weir::ternary with these coordinates, and returns its size; `expected`: hits of the frame before.
/// `out` becomes as large as the largest such body. Values are 1.25.
std::size_t put_ternary(const coordinates& hits, std::uint32_t n, std::uint32_t expected,
                        std::vector<std::uint8_t>& out);
/// That size. Throws std::runtime_error if the coordinates do not come back.
std::size_t ternary_bytes(const coordinates& hits, std::uint32_t n, std::uint32_t expected);

/// Decodes such a body, or one of two segments. Throws std::runtime_error if it is malformed.
void ternary_coordinates(const std::uint8_t* body, std::size_t size, std::uint32_t n, coordinates& hits);
void coordinates_of_two(const std::uint8_t* body, std::size_t size, std::uint32_t n, coordinates& hits);

}  // namespace goals
