// SPDX-License-Identifier: MIT
// The smallest fleet, and frames for it with everything right but what the input says.
#pragma once

#include <cstring>
#include <weir/weir.hpp>

#include "fuzz.hpp"

namespace fuzz {

/// A transport that nobody uses: the target talks to the state machines.
struct by_hand {
  static size_t mtu() noexcept { return 0x3fff; }
  static weir::status send(weir::const_bytes) noexcept { return weir::status::busy; }
  static size_t receive(weir::bytes) noexcept { return 0; }
};

typedef weir::sequential<weir::input<5>, weir::dense<4>, weir::relu, weir::dense<3>> net;  // 39 weights
typedef weir::fixed16<12> number;
typedef weir::pipeline<weir::sgd, weir::fixed_wt, weir::ternary, by_hand> pipe;
typedef weir::downlink<weir::ternary, weir::mean, weir::fixed_wt> link;
typedef weir::worker<number, net, weir::softmax_cross_entropy, pipe> worker;
typedef weir::coordinator<number, net, link, 16> coordinator;

/// The next frame of an input: a byte that chooses, the body's size, the body.
class sealed {
 public:
  sealed(weir::frame_kind kind, uint16_t rank, uint16_t sequence, uint16_t round, weir::const_bytes body) {
    const weir::frame_header h = {kind, static_cast<uint16_t>(worker::fingerprint() & 0xffff), rank, sequence, round};
    const weir::bytes room = weir::wire::body_room(kind, rank, weir::bytes(frame_));
    if (!body.empty()) std::memcpy(room.data(), body.data(), body.size());
    size_ = weir::wire::seal(h, body.size(), weir::bytes(frame_));
  }
  operator weir::const_bytes() const { return weir::const_bytes(frame_, size_); }

 private:
  uint8_t frame_[288];
  size_t size_;
};

}  // namespace fuzz
