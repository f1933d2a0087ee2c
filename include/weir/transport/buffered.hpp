// SPDX-License-Identifier: MIT
#pragma once

#include <string.h>

#include <weir/policy/transport.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// A byte stream, or `fragmented` datagrams, with buffers of their own, so that many of them can serve one coordinator.
/// RAM: 2 * Bytes.
template <class Transport, size_t Bytes>
class buffered : private detail::require_transport<Transport> {
 public:
  explicit buffered(Transport line) noexcept : line_(line), in_(), out_() {}

  size_t mtu() const noexcept { return line_.mtu() < Bytes ? static_cast<size_t>(line_.mtu()) : Bytes; }

  status send(const_bytes datagram) noexcept {
    if (datagram.size() > mtu()) return status::too_big;
    if (!detail::is_idle(line_)) return status::busy;
    memcpy(out_, datagram.data(), datagram.size());
    return line_.send(const_bytes(out_, datagram.size()));
  }

  void tick(uint32_t now_ms) noexcept { detail::tell_time(line_, now_ms); }

  /// A datagram too big for `into` is lost.
  size_t receive(bytes into) noexcept {
    const size_t size = line_.receive(bytes(in_));
    if (size > into.size()) return 0;
    memcpy(into.data(), in_, size);
    return size;
  }

 private:
  Transport line_;
  uint8_t in_[Bytes];
  uint8_t out_[Bytes];
};

}  // namespace WEIR_ABI
}  // namespace weir
