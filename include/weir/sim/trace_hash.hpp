// SPDX-License-Identifier: MIT
// What happened, as one number (C++17). Not part of the umbrella.
#pragma once

#include <cstdint>
#include <cstring>

#include <weir/core/crc.hpp>
#include <weir/sim/happening.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace sim {

/// An observer: two runs with the same number were the same to the last bit of each datagram, and of the time it came at
/// (but for chance: it has 64 bits).
class trace_hash {
 public:
  void operator()(const happening& h) {
    add(static_cast<std::uint64_t>(h.kind) << 48 | static_cast<std::uint64_t>(h.result) << 40 |
        static_cast<std::uint64_t>(h.arrives) << 32 | static_cast<std::uint64_t>(h.rank) << 16 | h.round_number);
    add(h.now);
    add(h.from);
    add(h.until);
    add(static_cast<std::uint64_t>(h.datagram.size()) << 32 | crc32c(h.datagram));
    ++happenings_;
  }

  std::uint64_t value() const { return value_; }
  std::uint64_t happenings() const { return happenings_; }

 private:
  void add(double seconds) {
    std::uint64_t bits;
    static_assert(sizeof bits == sizeof seconds, "weir: a double has 64 bits");
    std::memcpy(&bits, &seconds, sizeof bits);
    add(bits);
  }
  void add(std::uint64_t v) {
    value_ = (value_ ^ v) * 0xbf58476d1ce4e5b9u;
    value_ ^= value_ >> 29;
  }

  std::uint64_t value_ = 0x9e3779b97f4a7c15u;
  std::uint64_t happenings_ = 0;
};

}  // namespace sim
}  // namespace WEIR_ABI
}  // namespace weir
