// SPDX-License-Identifier: MIT
// What a way does to what it carries (C++17). Not part of the umbrella.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <weir/sim/random.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace sim {

/// How the part of the latency that is not always the same is distributed.
enum class jitter_shape : std::uint8_t {
  uniform,     ///< in [0, 2 * mean): waiting for a slot, a connection event, a wake-up
  exponential  ///< with a long tail: queues on the way
};

/// What goes wrong on a way; nothing, as it is. A datagram of several packets arrives only if all of them do. Many links send a
/// packet again until it is acknowledged, `tries` times in all: then it takes longer, and gets lost if none arrives.
///
/// Bursts are those of Gilbert and Elliott (Gilbert, BSTJ 1960; Elliott, BSTJ 1963): a chain of a good and a bad state, a step
/// for each packet that is sent. Of these `mean_loss()` get lost.
struct faults {
  double loss = 0;         ///< share of packets that get lost in the good state
  double burst_start = 0;  ///< chance, before a packet, that the good state turns bad
  double burst_packets =
      1;  ///< mean length of the bad state, in packets, >= 1: its end comes with chance 1 / burst_packets
  double burst_loss = 1;    ///< share of packets that get lost in the bad state
  std::uint16_t tries = 1;  ///< times that the link itself sends a packet, until it arrives, >= 1

  double jitter = 0;  ///< mean of what is added to the latency, seconds
  jitter_shape shape = jitter_shape::exponential;
  double detour = 0;          ///< share of datagrams that take another way, and may so be overtaken
  double detour_seconds = 0;  ///< by which these come later, at most; uniform
  bool in_order = false;  ///< what was sent first arrives first, whatever jitter and detours say: a wire, a connection

  double duplicated = 0;  ///< share of datagrams that arrive twice, the second one with a latency of its own
  double flipped = 0;     ///< share of datagrams in which 1 to 8 bits arrive wrong
  double truncated = 0;   ///< share of datagrams of which only the beginning arrives

  /// Share of packets that get lost in the long run.
  double mean_loss() const { return loss + (burst_loss - loss) * bad_share(); }
  /// Share of packets that are sent in the bad state.
  double bad_share() const {
    const double end = 1 / burst_packets;
    return burst_start > 0 ? burst_start / (burst_start + end) : 0;
  }
  /// Can they happen?
  bool possible() const {
    const auto share = [](double p) { return p >= 0 && p <= 1; };
    return share(loss) && share(burst_start) && share(burst_loss) && share(detour) && share(duplicated) &&
           share(flipped) && share(truncated) && tries >= 1 && burst_packets >= 1 && jitter >= 0 && detour_seconds >= 0;
  }
};

/// Loses so much on average, in bursts of so many packets of which none arrives. share in [0, 1).
inline faults bursts_of(double share, double packets) {
  faults f;
  f.burst_packets = packets;
  f.burst_start = share / ((1 - share) * packets);
  return f;
}

/// Turns 1 to 8 bits of a datagram around, each of them once.
inline void flip_bits(std::vector<std::uint8_t>& datagram, chances& c) {
  if (datagram.empty()) return;
  std::uint64_t turned[8];
  const std::uint64_t flips = 1 + c.below(8);
  for (std::uint64_t n = 0; n < flips; ++n) {
    turned[n] = c.below(8 * datagram.size());
    while (std::find(turned, turned + n, turned[n]) != turned + n) turned[n] = c.below(8 * datagram.size());
    datagram[turned[n] / 8] ^= static_cast<std::uint8_t>(1u << turned[n] % 8);
  }
}
/// Leaves the beginning of a datagram, a byte at least.
inline void truncate(std::vector<std::uint8_t>& datagram, chances& c) {
  if (datagram.size() > 1) datagram.resize(1 + c.below(datagram.size() - 1));
}

}  // namespace sim
}  // namespace WEIR_ABI
}  // namespace weir
