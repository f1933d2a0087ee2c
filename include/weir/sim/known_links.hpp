// SPDX-License-Identifier: MIT
// Links that weir knows, with their sources (C++17). Not part of the umbrella.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <weir/sim/link.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace sim {

namespace detail {

inline link tried(link l, std::uint16_t tries) {
  l.up.trouble.tries = l.down.trouble.tries = tries;
  return l;
}

}  // namespace detail

/// Rates are payload rates: what is left beside the link's own headers and acknowledgements, but for `overhead`. All are
/// without trouble and with endless queues: `way::trouble` and `way::queue_bytes` say what a place has of those; but how often a
/// link itself sends a packet that got lost is here.
inline const std::vector<link>& known_links() {
  constexpr std::uint16_t on_and_on = 1000;  // as long as the connection lasts
  static const std::vector<link> all = {
      // LoRaWAN, EU868, data rate 5: spreading factor 7, 125 kHz, code rate 4/5: 5,470 bit/s; 222 bytes a packet (RP002,
      // regional parameters); 13 bytes of header and check, and a preamble as long as 8 more. Up in 868.0 to 868.6 MHz
      // 1 % of the time, down, from the gateway, in 869.4 to 869.65 MHz 10 % (ETSI EN 300 220). To devices that
      // always listen (class C).
      {"lora_sf7", {5470.0 / 8, 0.100, 0.01, 222, 21}, {5470.0 / 8, 0.100, 0.10, 222, 21}},
      // The same at data rate 0: spreading factor 12, 51 bytes a packet. A symbol of 32.768 ms has, with the optimisation
      // that such long ones need, 10 bits, at code rate 4/5 8 of ours: 244 bit/s. 13 bytes of header and check, and 12.25
      // symbols of preamble with 8 for the header are as long as 21 more: 2.79 s for 51 bytes, by Semtech's formula (AN1200.13).
      {"lora_sf12", {8 / 0.032768 / 8, 0.100, 0.01, 51, 34}, {8 / 0.032768 / 8, 0.100, 0.10, 51, 34}},
      // NB-IoT, category NB1 (3GPP release 13): 62 kbit/s up, 26 down, with the gaps that scheduling leaves; 1.6 s until a device
      // that slept is heard, in good places (up to 10 s in bad ones). 1,358 bytes of IP packet (3GPP TS 23.060, annex C),
      // of which IPv4 and UDP have 28.
      detail::tried({"nb_iot", {62000.0 / 8, 1.6, 1, 1330, 28}, {26000.0 / 8, 1.6, 1, 1330, 28}}, on_and_on),
      // IEEE 802.15.4, 2.4 GHz: of 250 kbit/s about 100 are left beside waiting for a free channel and acknowledgements;
      // of a frame's 127 bytes 25 are header and check. Three retries (macMaxFrameRetries).
      detail::tried({"802.15.4", {12500, 0.010, 1, 102, 25}, {12500, 0.010, 1, 102, 25}}, 4),
      // Bluetooth Low Energy, 1 Mbit/s, packets of 251 bytes (version 4.2), a connection event every 30 ms.
      detail::tried({"ble", {87500, 0.030, 1, 244, 7}, {87500, 0.030, 1, 244, 7}}, on_and_on),
      // 115,200 baud, ten bits a byte; frames in COBS: a byte in 254, and one at the end, here after each 254.
      {"uart", {11520, 0.001, 1, 254, 2}, {11520, 0.001, 1, 254, 2}},
      // A microcontroller on 802.11n: about 20 Mbit/s of what an ESP32 reaches; IPv4 and UDP have 28 bytes. Seven retries
      // (dot11ShortRetryLimit).
      detail::tried({"wifi", {2.5e6, 0.003, 1, 1472, 28}, {2.5e6, 0.003, 1, 1472, 28}}, 8),
      // 4G, a modem of category 1 (3GPP TS 36.306): 5 Mbit/s up, 10 down; about 50 ms there and back.
      detail::tried({"4g", {5e6 / 8, 0.025, 1, 1472, 28}, {10e6 / 8, 0.025, 1, 1472, 28}}, on_and_on),
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

}  // namespace sim
}  // namespace WEIR_ABI
}  // namespace weir
