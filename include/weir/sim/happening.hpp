// SPDX-License-Identifier: MIT
// What an observer of a simulated fleet is told (C++17). Not part of the umbrella.
#pragma once

#include <cstdint>

#include <weir/core/span.hpp>
#include <weir/core/status.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace sim {

enum class event_kind : std::uint8_t {
  booted,         ///< a device was switched on, or is there again after a reset
  joined,         ///< it is a member now
  reset,          ///< it is down
  left,           ///< it is silent for good
  stepped,        ///< it has trained a batch, since `from`
  sent_up,        ///< a datagram leaves it from `from` until `until`
  arrived_up,     ///< one arrived at the coordinator, which says `result`
  counted,        ///< and was an update that had not been counted; `round_number` is that whose broadcast it knew
  sent_down,      ///< as sent_up, from the coordinator
  arrived_down,   ///< as arrived_up, at the device; not if it was down
  round_started,  ///< of all: time runs for the first round
  round_closed    ///< `datagram` is the broadcast, `round_number` its round; told when it has been sent
};

/// One of them. What is not said above is zero. `datagram` is valid during the call only.
struct happening {
  event_kind kind;
  double now;              ///< virtual seconds
  std::uint16_t rank = 0;  ///< of the device
  std::uint16_t round_number = 0;
  double from = 0, until = 0;  ///< a span of time that may lie around `now`
  bool arrives = true;         ///< sent_*: will it?
  status result = status::ok;
  const_bytes datagram = const_bytes();
};

constexpr const char* to_string(event_kind k) {
  switch (k) {
    case event_kind::booted: return "booted";
    case event_kind::joined: return "joined";
    case event_kind::reset: return "reset";
    case event_kind::left: return "left";
    case event_kind::stepped: return "stepped";
    case event_kind::sent_up: return "sent up";
    case event_kind::arrived_up: return "arrived up";
    case event_kind::counted: return "counted";
    case event_kind::sent_down: return "sent down";
    case event_kind::arrived_down: return "arrived down";
    case event_kind::round_started: return "round started";
    case event_kind::round_closed: return "round closed";
  }
  return "?";
}

}  // namespace sim
}  // namespace WEIR_ABI
}  // namespace weir
