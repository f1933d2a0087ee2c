// SPDX-License-Identifier: MIT
// Links, as a simulation has them (C++17). Not part of the umbrella.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include <weir/config.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace sim {

/// One direction of a link.
struct way {
  double bytes_per_second;  ///< while it sends, > 0
  double latency;           ///< seconds from the end of a packet to its arrival, >= 0
  double duty;              ///< share of the time in which it may send, in (0, 1]
  std::size_t mtu;          ///< most bytes of ours in a packet, >= 1
  std::size_t overhead;     ///< bytes that each packet has besides

  /// Seconds that a datagram keeps the way busy: airtime, and with a duty cycle the silence that it costs.
  double busy_seconds(std::size_t datagram) const {
    const std::size_t packets = datagram == 0 ? 1 : (datagram + mtu - 1) / mtu;
    return static_cast<double>(datagram + packets * overhead) / (bytes_per_second * duty);
  }
  /// Tc, from the first byte to arrival on an idle way: latency + (bytes + packets * overhead) / (rate * duty).
  double transfer_seconds(std::size_t datagram) const { return latency + busy_seconds(datagram); }
};

/// From a device to its coordinator, and back.
struct link {
  std::string name;
  way up, down;
};

/// The links that weir knows. Rates are payload rates: what is left beside the link's own headers and acknowledgements, but
/// for `overhead`.
inline const std::vector<link>& known_links() {
  static const std::vector<link> all = {
      // LoRaWAN, EU868, data rate 5: spreading factor 7, 125 kHz, code rate 4/5: 5,470 bit/s; 222 bytes a packet (RP002,
      // regional parameters); 13 bytes of header and check, and a preamble as long as 8 more. Up in 868.0 to 868.6 MHz
      // 1 % of the time, down, from the gateway, in 869.4 to 869.65 MHz 10 % (ETSI EN 300 220). To devices that
      // always listen (class C).
      {"lora_sf7", {5470.0 / 8, 0.100, 0.01, 222, 21}, {5470.0 / 8, 0.100, 0.10, 222, 21}},
      // IEEE 802.15.4, 2.4 GHz: of 250 kbit/s about 100 are left beside waiting for a free channel and acknowledgements;
      // of a frame's 127 bytes 25 are header and check.
      {"802.15.4", {12500, 0.010, 1, 102, 25}, {12500, 0.010, 1, 102, 25}},
      // Bluetooth Low Energy, 1 Mbit/s, packets of 251 bytes (version 4.2), a connection event every 30 ms.
      {"ble", {87500, 0.030, 1, 244, 7}, {87500, 0.030, 1, 244, 7}},
      // 115,200 baud, ten bits a byte; frames in COBS: a byte in 254, and one at the end, here after each 254.
      {"uart", {11520, 0.001, 1, 254, 2}, {11520, 0.001, 1, 254, 2}},
      // A microcontroller on 802.11n: about 20 Mbit/s of what an ESP32 reaches; IPv4 and UDP have 28 bytes.
      {"wifi", {2.5e6, 0.003, 1, 1472, 28}, {2.5e6, 0.003, 1, 1472, 28}},
      // 10 Mbit/s from Shanghai to Boston: light takes 78 ms for 11,700 km there and back; no line does better.
      {"intercontinental", {1.25e6, 0.039, 1, 1472, 28}, {1.25e6, 0.039, 1, 1472, 28}},
  };
  return all;
}

/// The known link of that name, or null.
inline const link* find_link(const std::string& name) {
  const auto& all = known_links();
  const auto found = std::find_if(all.begin(), all.end(), [&](const link& l) { return l.name == name; });
  return found == all.end() ? nullptr : &*found;
}

/// A way in use: datagrams follow one another, in the order in which they were sent.
class channel {
 public:
  explicit channel(const way& w) : way_(w) {}

  /// When what was sent so far has left.
  double free_at() const { return free_at_; }
  /// Takes a datagram at `now`, in seconds; returns when it arrives.
  double send(double now, std::size_t datagram) {
    free_at_ = std::max(now, free_at_) + way_.busy_seconds(datagram);
    return free_at_ + way_.latency;
  }
  const way& properties() const { return way_; }

 private:
  way way_;
  double free_at_ = 0;
};

}  // namespace sim
}  // namespace WEIR_ABI
}  // namespace weir
