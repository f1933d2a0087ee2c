// SPDX-License-Identifier: MIT
// Consistent overhead byte stuffing (Cheshire and Baker, IEEE/ACM Trans. Networking 1999), a byte at a time: datagrams on
// a byte stream, each closed by a zero. At most one byte more per 254, and two around; a listener that lost its place
// finds it again at the next zero.
#pragma once

#include <weir/core/span.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// Says the stuffed bytes of a datagram that stays in the caller's memory. All-zero is idle.
class cobs_sender {
 public:
  /// Nothing left to say.
  bool idle() const noexcept { return phase_ == idle_; }

  /// Starts a datagram; its bytes must stay until idle().
  void start(const_bytes datagram) noexcept {
    data_ = datagram.data();
    left_ = datagram.size();
    phase_ = code_;
  }

  /// The next byte for the line; only while not idle().
  uint8_t next() noexcept {
    if (phase_ == copy_) return copied();
    if (phase_ == end_) return phase_ = idle_;
    run_ = 0;
    while (run_ < 254 && run_ < left_ && data_[run_] != 0) ++run_;
    zero_follows_ = run_ < 254 && run_ < left_;
    const uint8_t code = static_cast<uint8_t>(run_ + 1);
    if (run_ != 0)
      phase_ = copy_;
    else
      close_run();
    return code;
  }

 private:
  enum phase : uint8_t { idle_, code_, copy_, end_ };

  uint8_t copied() noexcept {
    const uint8_t b = *data_++;
    --left_;
    if (--run_ == 0) close_run();
    return b;
  }
  // A code stands for its run and the zero behind it; behind the last run that zero is not there.
  void close_run() noexcept {
    phase_ = zero_follows_ || left_ != 0 ? code_ : end_;
    if (!zero_follows_) return;
    ++data_;
    --left_;
  }

  const uint8_t* data_;
  size_t left_;
  uint8_t run_;
  bool zero_follows_;
  phase phase_;
};

/// Gathers a datagram in the caller's buffer from the bytes of a line. All-zero is ready.
class cobs_receiver {
 public:
  /// Takes one byte; the size of the datagram it completes, or 0. What does not fit, or is no COBS, is dropped
  /// up to the next zero.
  size_t take(uint8_t b, bytes into) noexcept {
    if (b == 0) {
      const size_t size = run_ == 0 && !broken_ ? used_ : 0;
      used_ = 0;
      run_ = 0;
      broken_ = false;
      zero_owed_ = false;
      return size;
    }
    if (broken_) return 0;
    if (run_ == 0) {  // a code: the zero of the run before it is due now
      if (zero_owed_) store(0, into);
      run_ = static_cast<uint8_t>(b - 1);
      zero_owed_ = b != 255;
      return 0;
    }
    store(b, into);
    --run_;
    return 0;
  }

 private:
  void store(uint8_t b, bytes into) noexcept {
    if (used_ < into.size())
      into[used_++] = b;
    else
      broken_ = true;
  }

  size_t used_;
  uint8_t run_;
  bool zero_owed_;
  bool broken_;
};

}  // namespace WEIR_ABI
}  // namespace weir
