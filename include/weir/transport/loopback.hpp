// SPDX-License-Identifier: MIT
#pragma once

#include <string.h>

#include <weir/policy/transport.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// Datagrams under way in one direction: at most Depth, of at most Bytes each, first in, first out. All-zero is empty.
template <size_t Bytes, uint8_t Depth>
class datagram_queue {
 public:
  status push(const_bytes datagram) noexcept {
    if (datagram.size() > Bytes) return status::too_big;
    if (count_ == Depth) return status::busy;
    const uint8_t slot = static_cast<uint8_t>((first_ + count_) % Depth);
    memcpy(data_[slot], datagram.data(), datagram.size());
    size_[slot] = datagram.size();
    count_ = static_cast<uint8_t>(count_ + 1);
    return status::ok;
  }

  /// A datagram too big for `into` is lost, as on any network.
  size_t pop(bytes into) noexcept {
    while (count_ != 0) {
      const size_t size = size_[first_];
      const bool fits = size <= into.size();
      if (fits) memcpy(into.data(), data_[first_], size);
      first_ = static_cast<uint8_t>((first_ + 1) % Depth);
      count_ = static_cast<uint8_t>(count_ - 1);
      if (fits) return size;
    }
    return 0;
  }

 private:
  uint8_t data_[Depth][Bytes];
  size_t size_[Depth];
  uint8_t first_;
  uint8_t count_;
};

/// A line between two nodes in one program.
template <size_t Bytes, uint8_t Depth = 4>
struct loopback_line {
  datagram_queue<Bytes, Depth> up;    ///< to the coordinator
  datagram_queue<Bytes, Depth> down;  ///< to the worker
};

/// One end of a loopback_line, which outlives it.
template <size_t Bytes, uint8_t Depth = 4>
class loopback {
 public:
  typedef loopback_line<Bytes, Depth> line;

  static loopback worker_end(line& l) noexcept { return loopback(l.up, l.down); }
  static loopback coordinator_end(line& l) noexcept { return loopback(l.down, l.up); }

  static constexpr size_t mtu() noexcept { return Bytes; }
  status send(const_bytes datagram) noexcept { return out_->push(datagram); }
  size_t receive(bytes into) noexcept { return in_->pop(into); }

 private:
  loopback(datagram_queue<Bytes, Depth>& out, datagram_queue<Bytes, Depth>& in) noexcept : out_(&out), in_(&in) {}

  datagram_queue<Bytes, Depth>* out_;
  datagram_queue<Bytes, Depth>* in_;
};

}  // namespace WEIR_ABI
}  // namespace weir
