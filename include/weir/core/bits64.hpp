// SPDX-License-Identifier: MIT
// The stream of bits of weir/core/bits.hpp for machines with 64-bit registers: a word at a time.
#pragma once

#include <weir/core/bytes.hpp>
#include <weir/core/span.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// bit_writer that stores eight bytes when it has them.
class bit_writer64 {
 public:
  explicit bit_writer64(bytes to) noexcept : to_(to.data()), end_(to.data() + to.size()), hold_(0), held_(0) {}

  uint32_t room() const noexcept {
    const uint64_t left = static_cast<size_t>(end_ - to_);
    return left > 0x0fffffff ? 0x7fffffff : static_cast<uint32_t>(left) * 8 - held_;
  }
  /// There is room for 64 bits at least. Cheaper to ask.
  bool ample() const noexcept { return end_ - to_ >= 16; }

  /// count <= 63.
  void put(uint64_t v, uint8_t count) noexcept {
    hold_ |= v << held_;
    held_ += count;
    if (held_ < 64) return;
    store64(to_, hold_);
    to_ += 8;
    held_ -= 64;
    hold_ = v >> (count - held_);
  }

  /// words.bits(i) in words.length(i) <= 56 bits, for i < n. Stored after each by whole bytes, without a branch: whether eight are
  /// full is anybody's guess. There must be room for 64 bits more.
  template <class Words>
  void put_all(const Words& words, uint32_t n) noexcept {
    bit_writer64 w = *this;  // a copy stays in registers
    w.store_bytes();
    for (uint32_t i = 0; i < n; ++i) {
      w.hold_ |= words.bits(i) << w.held_;
      w.held_ += words.length(i);
      w.store_bytes();
    }
    *this = w;
  }

  uint8_t* finish() noexcept {
    hold_ |= ~static_cast<uint64_t>(0) << held_;
    for (uint32_t done = 0; done < held_; done += 8) *to_++ = static_cast<uint8_t>((hold_ >> done) & 0xff);
    held_ = 0;
    hold_ = 0;
    return to_;
  }

 private:
  // There must be room for 64 bits.
  void store_bytes() noexcept {
    store64(to_, hold_);
    to_ += held_ >> 3;
    hold_ >>= held_ & 56;
    held_ &= 7;
  }

  uint8_t* to_;
  uint8_t* end_;
  uint64_t hold_;
  uint32_t held_;  // 0 to 63 between calls
};

/// bit_reader that loads eight bytes when there are so many.
class bit_reader64 {
 public:
  explicit bit_reader64(const_bytes from) noexcept
      : from_(from.data()), end_(from.data() + from.size()), hold_(0), held_(0), past_(0) {}

  /// count <= 32.
  uint32_t get(uint8_t count) noexcept {
    if (held_ < count) refill();
    const uint32_t v = static_cast<uint32_t>(hold_ & ((static_cast<uint64_t>(1) << count) - 1));
    drop(count);
    return v;
  }

  /// limit <= 24.
  uint8_t get_unary(uint8_t limit) noexcept {
    const uint8_t ones = peek_unary(limit);
    drop(static_cast<uint8_t>(ones < limit ? ones + 1 : ones));
    return ones;
  }
  /// The same, but takes nothing; the next 56 bits are at hand then.
  uint8_t peek_unary(uint8_t limit) noexcept {
    refill();
    return static_cast<uint8_t>(__builtin_ctzll(~hold_ | (static_cast<uint64_t>(1) << limit)));
  }
  /// The next `count` bits behind `skipped` others, at hand by peek_unary; takes them all. skipped + count <= 56, count <= 32.
  uint32_t take(uint8_t skipped, uint8_t count) noexcept {
    const uint64_t v = (hold_ >> skipped) & ((static_cast<uint64_t>(1) << count) - 1);
    drop(static_cast<uint8_t>(skipped + count));
    return static_cast<uint32_t>(v);
  }

  bool over() const noexcept { return past_ > held_; }
  bool only_padding() const noexcept {
    return from_ == end_ && left() < 8 && ((hold_ + 1) & ((static_cast<uint64_t>(1) << held_) - 1)) == 0;
  }
  size_t left() const noexcept { return over() ? 0 : static_cast<size_t>(end_ - from_) * 8 + held_ - past_; }

 private:
  // To 56 bits at least. What hold_ has beyond held_ are bits that come again.
  void refill() noexcept {
    if (end_ - from_ >= 8) {
      hold_ |= load64(from_) << held_;
      from_ += (63 - held_) >> 3;
      held_ |= 56;
      return;
    }
    while (held_ <= 56 && from_ != end_) {
      hold_ |= static_cast<uint64_t>(*from_++) << held_;
      held_ += 8;
    }
    if (held_ > 56) return;
    hold_ |= ~static_cast<uint64_t>(0) << held_;
    past_ += 63 - held_;
    held_ = 63;
  }
  void drop(uint8_t count) noexcept {
    hold_ >>= count;
    held_ -= count;
  }

  const uint8_t* from_;
  const uint8_t* end_;
  uint64_t hold_;
  uint32_t held_;  // bits in hold_, invented ones included
  uint32_t past_;  // bits invented past the end
};

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
