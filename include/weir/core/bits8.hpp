// SPDX-License-Identifier: MIT
// The stream of bits of weir/core/bits.hpp for machines that shift by one place at a time: bit by bit, in little code.
#pragma once

#include <weir/core/span.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// Where a bit_writer8 stands; a kernel may take it from there.
struct bit_position {
  uint8_t* to;
  uint8_t* end;
  uint8_t hold;   // the bits of the byte under way
  uint8_t place;  // of the next bit in it: 1, 2 ... 128
};

/// bit_writer that goes bit by bit; where time matters, kernel/avr_rice.hpp takes it from where it stands.
class bit_writer8 {
 public:
  explicit bit_writer8(bytes to) noexcept {
    at_.to = to.data();
    at_.end = to.data() + to.size();
    at_.hold = 0;
    at_.place = 1;
  }

  explicit bit_writer8(const bit_position& at) noexcept : at_(at) {}

  uint32_t room() const noexcept {
    uint32_t bits = static_cast<uint32_t>(static_cast<size_t>(at_.end - at_.to)) * 8;
    for (uint8_t p = at_.place; p > 1; p = static_cast<uint8_t>(p >> 1)) --bits;
    return bits;
  }

  void put(uint32_t v, uint8_t count) noexcept { try_put(v, count); }

  /// False: there was no room for all of it.
  template <class Unsigned>
  bool try_put(Unsigned v, uint8_t count) noexcept {
    for (; count != 0; --count, v = static_cast<Unsigned>(v >> 1)) {
      if (at_.to == at_.end) return false;
      if ((v & 1) != 0) at_.hold = static_cast<uint8_t>(at_.hold | at_.place);
      at_.place = static_cast<uint8_t>(at_.place << 1);
      if (at_.place != 0) continue;
      *at_.to++ = at_.hold;
      at_.hold = 0;
      at_.place = 1;
    }
    return true;
  }

  uint8_t* finish() noexcept {
    if (at_.place != 1) *at_.to++ = static_cast<uint8_t>(at_.hold | (0x100 - at_.place));
    at_.place = 1;
    at_.hold = 0;
    return at_.to;
  }

  const bit_position& position() const noexcept { return at_; }

 private:
  bit_position at_;
};

/// bit_reader that takes bit by bit: little code, and what is read on a device is short.
class bit_reader8 {
 public:
  explicit bit_reader8(const_bytes from) noexcept
      : from_(from.data()), end_(from.data() + from.size()), hold_(0), held_(0), over_(false) {}

  uint32_t get(uint8_t count) noexcept {
    uint32_t v = 0;
    uint32_t place = 1;
    for (; count != 0; --count, place <<= 1)
      if (get1()) v |= place;
    return v;
  }

  uint8_t get_unary(uint8_t limit) noexcept {
    uint8_t ones = 0;
    while (ones < limit && get1()) ++ones;
    return ones;
  }

  bool over() const noexcept { return over_; }
  bool only_padding() const noexcept { return over_ || (from_ == end_ && hold_ + 1 == 1 << held_); }
  size_t left() const noexcept { return over_ ? 0 : static_cast<size_t>(end_ - from_) * 8 + held_; }

 private:
  bool get1() noexcept {
    if (held_ == 0) {
      over_ = over_ || from_ == end_;
      hold_ = over_ ? 0xff : *from_++;
      held_ = 8;
    }
    const bool bit = (hold_ & 1) != 0;
    hold_ = static_cast<uint8_t>(hold_ >> 1);
    --held_;
    return bit;
  }

  const uint8_t* from_;
  const uint8_t* end_;
  uint8_t hold_;
  uint8_t held_;
  bool over_;
};

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
