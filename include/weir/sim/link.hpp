// SPDX-License-Identifier: MIT
// Links, as a simulation has them (C++17). Not part of the umbrella.
#pragma once

#include <cstddef>
#include <limits>
#include <string>

#include <weir/sim/faults.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace sim {

/// One direction of a link.
///
/// A duty cycle is kept as radios keep it (LoRaWAN 1.0, 3.1: Toff = airtime / duty - airtime): after each packet the way is
/// silent for so long that the packet had its share of the time. So datagrams that follow one another take Tc each; the last
/// packet of one that comes alone arrives when it has been sent, and the silence comes after that: up to 1 / duty times as
/// soon as Tc if it is the only packet. Tc is what a way carries on and on; `lone_seconds` is the first of it.
struct way {
  double bytes_per_second;  ///< while it sends, > 0
  double latency;           ///< seconds from the end of a packet to its arrival, at least, >= 0
  double duty;              ///< share of the time in which it may send, in (0, 1]
  std::size_t mtu;          ///< most bytes of ours in a packet, >= 1
  std::size_t overhead;     ///< bytes that each packet has besides
  /// Bytes that may wait for the way, overhead included; a datagram that comes to more is dropped.
  std::size_t queue_bytes = std::numeric_limits<std::size_t>::max();
  faults trouble = {};

  bool possible() const {
    return bytes_per_second > 0 && latency >= 0 && duty > 0 && duty <= 1 && mtu >= 1 && trouble.possible();
  }
  std::size_t packets(std::size_t datagram) const { return datagram == 0 ? 1 : (datagram + mtu - 1) / mtu; }
  /// Bytes on the way: the datagram's, and what its packets have besides.
  std::size_t carried(std::size_t datagram) const { return datagram + packets(datagram) * overhead; }
  /// Seconds that a datagram keeps the way busy: airtime, and with a duty cycle the silence that it costs.
  double busy_seconds(std::size_t datagram) const {
    return static_cast<double>(carried(datagram)) / (bytes_per_second * duty);
  }
  /// Tc = L + (S + ceil(S / mtu) * overhead) / (B * duty), L with its mean jitter.
  double transfer_seconds(std::size_t datagram) const { return latency + trouble.jitter + busy_seconds(datagram); }
  /// From the first byte to arrival on a way that has rested: Tc, but for the silence after the last packet.
  double lone_seconds(std::size_t datagram) const { return transfer_seconds(datagram) - last_silence(datagram); }
  /// Bytes of a datagram that its last packet has.
  std::size_t last_packet(std::size_t datagram) const { return datagram - (packets(datagram) - 1) * mtu; }
  /// The silence that the last packet of a datagram costs.
  double last_silence(std::size_t datagram) const {
    return static_cast<double>(last_packet(datagram) + overhead) / bytes_per_second * (1 / duty - 1);
  }
};

/// From a device to its coordinator, and back.
struct link {
  std::string name;
  way up, down;
};

}  // namespace sim
}  // namespace WEIR_ABI
}  // namespace weir
