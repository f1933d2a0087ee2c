// SPDX-License-Identifier: MIT
// A stream of bits in bytes: the first bit is bit 0 of the first byte. bit_writer and bit_reader are what suits the machine.
#pragma once

#include <weir/core/bits64.hpp>
#include <weir/core/bits8.hpp>
#include <weir/core/span.hpp>

namespace weir {
inline namespace WEIR_ABI {

namespace detail {

/// Appends bits to a bounded buffer. The caller asks `room()` first; nothing is ever written past the end.
class bit_writer32 {
 public:
  explicit bit_writer32(bytes to) noexcept : to_(to.data()), end_(to.data() + to.size()), hold_(0), held_(0) {}

  /// Bits that still fit.
  uint32_t room() const noexcept {
    const uint32_t left = static_cast<uint32_t>(static_cast<size_t>(end_ - to_));
    return left > 0x0fffffff ? 0x7fffffff : left * 8 - held_;
  }

  /// Appends the low `count` bits of v, lowest first; count <= 24, higher bits of v are zero.
  void put(uint32_t v, uint8_t count) noexcept {
    hold_ |= v << held_;
    held_ = static_cast<uint8_t>(held_ + count);
    while (held_ >= 8) {
      *to_++ = static_cast<uint8_t>(hold_ & 0xff);
      hold_ >>= 8;
      held_ = static_cast<uint8_t>(held_ - 8);
    }
  }

  /// Fills the last byte with ones (a code that ends in a zero cannot begin there by accident) and
  /// returns the first byte after the stream.
  uint8_t* finish() noexcept {
    if (held_ != 0) *to_++ = static_cast<uint8_t>((hold_ | (static_cast<uint32_t>(0xff) << held_)) & 0xff);
    held_ = 0;
    hold_ = 0;
    return to_;
  }

 private:
  uint8_t* to_;
  uint8_t* end_;
  uint32_t hold_;
  uint8_t held_;  // 0 to 7 between calls
};

/// Reads what bit_writer wrote. Past the end it reads ones, and `over()` tells.
class bit_reader32 {
 public:
  explicit bit_reader32(const_bytes from) noexcept
      : from_(from.data()), end_(from.data() + from.size()), hold_(0), held_(0), past_(0) {}

  /// The next `count` bits, the first one lowest; count <= 24.
  uint32_t get(uint8_t count) noexcept {
    refill(count);
    const uint32_t v = hold_ & ((static_cast<uint32_t>(1) << count) - 1);
    drop(count);
    return v;
  }

  /// The number of ones before the next zero, at most `limit` <= 24; takes them, and the zero if there was one.
  uint8_t get_unary(uint8_t limit) noexcept {
    refill(static_cast<uint8_t>(limit + 1 > 24 ? 24 : limit + 1));
    uint8_t ones = 0;
    while (ones < limit && ((hold_ >> ones) & 1) != 0) ++ones;
    drop(static_cast<uint8_t>(ones < limit ? ones + 1 : ones));
    return ones;
  }

  /// More bits were taken than there are.
  bool over() const noexcept { return past_ > held_; }
  /// Nothing is left but fewer than eight ones: the padding of the last byte.
  bool only_padding() const noexcept {
    return left() < 8 && ((hold_ + 1) & ((static_cast<uint32_t>(1) << held_) - 1)) == 0;
  }
  /// Real bits left, the padding of the last byte included.
  size_t left() const noexcept { return over() ? 0 : static_cast<size_t>(end_ - from_) * 8 + held_ - past_; }

 private:
  void refill(uint8_t count) noexcept {
    while (held_ < count) {
      uint8_t next = 0xff;
      if (from_ != end_)
        next = *from_++;
      else
        past_ = static_cast<uint16_t>(past_ < 0xff00 ? past_ + 8 : past_);
      hold_ |= static_cast<uint32_t>(next) << held_;
      held_ = static_cast<uint8_t>(held_ + 8);
    }
  }
  void drop(uint8_t count) noexcept {
    hold_ >>= count;
    held_ = static_cast<uint8_t>(held_ - count);
  }

  const uint8_t* from_;
  const uint8_t* end_;
  uint32_t hold_;
  uint8_t held_;   // bits in hold_, invented ones included
  uint16_t past_;  // bits invented past the end
};

}  // namespace detail

#if defined(__SIZEOF_INT__) && __SIZEOF_INT__ == 2
typedef detail::bit_writer8 bit_writer;
typedef detail::bit_reader8 bit_reader;
#elif defined(__SIZEOF_POINTER__) && __SIZEOF_POINTER__ == 8
typedef detail::bit_writer64 bit_writer;
typedef detail::bit_reader64 bit_reader;
#else
typedef detail::bit_writer32 bit_writer;
typedef detail::bit_reader32 bit_reader;
#endif

}  // namespace WEIR_ABI
}  // namespace weir
