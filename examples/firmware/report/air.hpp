// SPDX-License-Identifier: MIT
#pragma once

#include <weir/weir.hpp>

#include "support/child.hpp"

namespace firmware_report {

/// A device's serial line, for weir::byte_stream.
struct serial_line {
  support::child* device;
  int read() const { return device->read(); }
  bool write(std::uint8_t b) const { return device->write(b); }
};

/// What is between a node with board/packet_line.hpp and the host: packets of at most Bytes bytes, of which some get lost,
/// either way.
template <std::size_t Bytes>
class air {
 public:
  /// Of so many packets one gets lost; 0: none.
  air(support::child& device, std::uint32_t one_in)
      : line_(weir::byte_stream<serial_line>(serial_line{&device})), one_in_(one_in), dice_(7) {}

  /// The host's end: for weir::fragmented, which has a copy.
  class end {
   public:
    explicit end(air& all) : all_(&all) {}
    std::size_t mtu() const { return Bytes; }
    weir::status send(weir::const_bytes packet) { return all_->send(packet); }
    std::size_t receive(weir::bytes into) { return all_->receive(into); }

   private:
    air* all_;
  };

  /// Packets, both ways: what got lost, and what came of weir/wire/README.md's pieces and reports.
  unsigned lost() const { return lost_; }
  unsigned pieces() const { return pieces_; }
  unsigned reports() const { return reports_; }

 private:
  weir::status send(weir::const_bytes packet) {
    if (!next_is_lost_) {
      const weir::status sent = line_.send(packet);
      if (sent != weir::status::ok) return sent;
    }
    count(packet[0], next_is_lost_);
    next_is_lost_ = draw();
    return weir::status::ok;
  }
  std::size_t receive(weir::bytes into) {
    const std::size_t size = line_.receive(into);
    if (size == 0) return 0;
    const bool loses = draw();
    count(into[0], loses);
    return loses ? 0 : size;
  }
  void count(std::uint8_t first, bool loses) {
    if (loses)
      ++lost_;
    else if (first >= 0xf0)
      ++reports_;
    else if (first >= 0xe0)
      ++pieces_;
  }
  bool draw() { return one_in_ != 0 && dice_.below(one_in_) == 0; }

  weir::buffered<weir::byte_stream<serial_line>, Bytes> line_;
  std::uint32_t one_in_;
  weir::random_bits dice_;
  bool next_is_lost_ = false;
  unsigned lost_ = 0, pieces_ = 0, reports_ = 0;
};

/// Frames over it, for a coordinator: the other end of a node's weir::fragmented.
template <std::size_t Frame, std::size_t Bytes>
using frames_by_air = weir::buffered<weir::fragmented<typename air<Bytes>::end, Frame, Bytes>, Frame>;

}  // namespace firmware_report
