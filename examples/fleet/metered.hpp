// SPDX-License-Identifier: MIT
// Counts what is sent: wrapped around the workers' transports and around the coordinator's hub.
#pragma once

#include "plan.hpp"

namespace fleet {

/// FNV-1a over sender, size and check of each frame. The check, a CRC-32C of all the frame, is its last four bytes.
inline void add_frame(std::uint64_t& hash, std::uint16_t line, weir::const_bytes frame) noexcept {
  const auto add = [&hash](std::uint32_t v) {
    for (int i = 0; i < 4; ++i, v >>= 8) hash = (hash ^ (v & 0xff)) * UINT64_C(0x100000001b3);
  };
  add(line);
  add(static_cast<std::uint32_t>(frame.size()));
  add(weir::load32(frame.end() - weir::wire::check_bytes()));
}

/// A worker's transport.
template <class Transport>
class metered_line {
 public:
  metered_line(Transport line, traffic& sent, std::uint16_t rank) noexcept : line_(line), sent_(&sent), rank_(rank) {}

  std::size_t mtu() const noexcept { return line_.mtu(); }
  weir::status send(weir::const_bytes datagram) noexcept {
    const weir::status s = line_.send(datagram);
    if (s != weir::status::ok) return s;
    sent_->bytes_up += datagram.size();
    ++sent_->frames_up;
    add_frame(sent_->hash, rank_, datagram);
    return s;
  }
  std::size_t receive(weir::bytes into) noexcept { return line_.receive(into); }

 private:
  Transport line_;
  traffic* sent_;
  std::uint16_t rank_;
};

/// The coordinator's hub.
template <class Hub>
class metered_hub {
 public:
  metered_hub(Hub& hub, traffic& sent, std::uint16_t ranks) noexcept : hub_(hub), sent_(sent), ranks_(ranks) {}

  std::size_t receive(weir::bytes into) noexcept { return hub_.receive(into); }
  weir::status send(std::uint16_t rank, weir::const_bytes datagram) noexcept {
    const weir::status s = hub_.send(rank, datagram);
    if (s == weir::status::ok) count(0x8000u | rank, datagram, 1);
    return s;
  }
  void broadcast(weir::const_bytes datagram) noexcept {
    hub_.broadcast(datagram);
    count(0xffff, datagram, ranks_);
  }

 private:
  void count(unsigned line, weir::const_bytes datagram, std::uint16_t receivers) noexcept {
    sent_.bytes_down += datagram.size() * receivers;
    sent_.bytes_on_air += datagram.size();
    sent_.frames_down += receivers;
    add_frame(sent_.hash, static_cast<std::uint16_t>(line), datagram);
  }

  Hub& hub_;
  traffic& sent_;
  std::uint16_t ranks_;
};

}  // namespace fleet
