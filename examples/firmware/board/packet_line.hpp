// SPDX-License-Identifier: MIT
#pragma once

#include <string.h>

#include <weir/core/span.hpp>
#include <weir/core/status.hpp>
#include <weir/transport/cobs.hpp>

#include "board.hpp"

namespace board {

/// Packets of at most Bytes < 254 bytes over the board's serial line, which so stands for a radio. A radio takes a packet into its
/// FIFO while the program waits, by SPI in a tenth of a millisecond; here the program waits for the UART, 90 us a byte.
/// What has arrived is in the radio's FIFO until it is read; here that FIFO is RAM of the node, and counts as such.
template <size_t Bytes>
class packet_line {
  static_assert(Bytes < 254, "a run without a zero would need more than one code");

 public:
  static constexpr size_t mtu() { return Bytes; }

  static weir::status send(weir::const_bytes packet) {
    for (size_t at = 0; at <= packet.size(); ++at) {  // by COBS: a code, then a run without a zero
      size_t end = at;
      while (end < packet.size() && packet[end] != 0) ++end;
      put(static_cast<uint8_t>(end - at + 1));
      for (; at < end; ++at) put(packet[at]);
    }
    put(0);
    return weir::status::ok;
  }

  static size_t receive(weir::bytes into) {
    for (int b; (b = board::read()) >= 0;) {  // no more of them than the ring holds, but for those that come meanwhile
      const size_t size = receiver_.take(static_cast<uint8_t>(b), weir::bytes(fifo_));
      if (size == 0) continue;
      if (size > into.size()) return 0;
      memcpy(into.data(), fifo_, size);
      return size;
    }
    return 0;
  }

 private:
  static void put(uint8_t b) {
    while (!board::write(b)) {
    }
  }

  static weir::cobs_receiver receiver_;  // there is one radio, however many copies of this stand for it
  static uint8_t fifo_[Bytes];
};
template <size_t Bytes>
weir::cobs_receiver packet_line<Bytes>::receiver_;
template <size_t Bytes>
uint8_t packet_line<Bytes>::fifo_[Bytes];

}  // namespace board
