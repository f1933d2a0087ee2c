// SPDX-License-Identifier: MIT
#pragma once

#include <weir/policy/transport.hpp>
#include <weir/transport/cobs.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// Datagrams over any byte stream: a UART, a pipe. Port is a small value with
///   int read();              the next byte, or -1: none yet
///   bool write(uint8_t b);   false: no room now
/// Frames carry their own check, so the stream adds only COBS. RAM: about a dozen bytes; datagrams are read, and gathered,
/// in the caller's buffers. Behind a coordinator, whose lines share buffers, it needs weir::buffered.
template <class Port>
class byte_stream {
 public:
  explicit byte_stream(Port port) noexcept : port_(port), sender_(), receiver_(), unsent_(0), has_unsent_(false) {}

  static constexpr size_t mtu() noexcept { return 0x3fff; }

  status send(const_bytes datagram) noexcept {
    if (datagram.size() > mtu()) return status::too_big;
    if (!pump()) return status::busy;
    sender_.start(datagram);
    pump();
    return status::ok;
  }

  /// Nothing left to write: the last datagram's bytes are free.
  bool idle() noexcept { return pump(); }

  /// Reads 255 bytes at most: a flood without end must not keep the caller from its work.
  size_t receive(bytes into) noexcept {
    pump();
    for (uint8_t left = 255; left != 0; --left) {
      const int b = port_.read();
      if (b < 0) break;
      const size_t size = receiver_.take(static_cast<uint8_t>(b), into);
      if (size != 0) return size;
    }
    return 0;
  }

 private:
  // Writes what the port takes; true when nothing is left.
  bool pump() noexcept {
    for (;;) {
      if (!has_unsent_) {
        if (sender_.idle()) return true;
        unsent_ = sender_.next();
        has_unsent_ = true;
      }
      if (!port_.write(unsent_)) return false;
      has_unsent_ = false;
    }
  }

  Port port_;
  cobs_sender sender_;
  cobs_receiver receiver_;
  uint8_t unsent_;
  bool has_unsent_;
};

}  // namespace WEIR_ABI
}  // namespace weir
