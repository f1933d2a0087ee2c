// SPDX-License-Identifier: MIT
#pragma once

#include <weir/policy/transport.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// A coordinator's side of many lines: line i leads to the worker of rank i. The lines are the caller's.
template <class Transport>
class star : private detail::require_transport<Transport> {
  static_assert(!detail::transport_has_idle<Transport>::value,
                "weir: this transport works in its caller's buffers, which a coordinator's lines share; wrap it: "
                "buffered<Transport, FrameBytes>");

 public:
  explicit star(span<Transport> lines) noexcept : lines_(lines), next_(0) {}

  /// The size of a datagram now in `into`, or 0: none on any line. Lines take turns.
  size_t receive(bytes into) noexcept {
    for (size_t tried = 0; tried < lines_.size(); ++tried) {
      const size_t line = next_;
      next_ = next_ + 1 == lines_.size() ? 0 : next_ + 1;
      const size_t size = lines_[line].receive(into);
      if (size != 0) return size;
    }
    return 0;
  }
  void tick(uint32_t now_ms) noexcept {
    for (Transport& line : lines_) detail::tell_time(line, now_ms);
  }
  status send(uint16_t rank, const_bytes datagram) noexcept {
    return rank < lines_.size() ? lines_[rank].send(datagram) : status::wrong_rank;
  }
  /// To everybody whose line has room; who misses it asks.
  void broadcast(const_bytes datagram) noexcept {
    for (Transport& line : lines_) line.send(datagram);
  }

 private:
  span<Transport> lines_;
  size_t next_;
};

}  // namespace WEIR_ABI
}  // namespace weir
