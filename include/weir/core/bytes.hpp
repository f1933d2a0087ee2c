// SPDX-License-Identifier: MIT
// Numbers as bytes, always little-endian, and LEB128 for those that are usually small.
#pragma once

#include <weir/core/span.hpp>

namespace weir {
inline namespace WEIR_ABI {

inline void store16(uint8_t* to, uint16_t v) noexcept {
  to[0] = static_cast<uint8_t>(v & 0xff);
  to[1] = static_cast<uint8_t>(v >> 8);
}
inline void store32(uint8_t* to, uint32_t v) noexcept {
  store16(to, static_cast<uint16_t>(v & 0xffff));
  store16(to + 2, static_cast<uint16_t>(v >> 16));
}
inline void store64(uint8_t* to, uint64_t v) noexcept {
  store32(to, static_cast<uint32_t>(v & 0xffffffff));
  store32(to + 4, static_cast<uint32_t>(v >> 32));
}
inline uint16_t load16(const uint8_t* from) noexcept {
  return static_cast<uint16_t>(from[0] | (static_cast<uint16_t>(from[1]) << 8));
}
inline uint32_t load32(const uint8_t* from) noexcept {
  return load16(from) | (static_cast<uint32_t>(load16(from + 2)) << 16);
}
inline uint64_t load64(const uint8_t* from) noexcept {
  return load32(from) | (static_cast<uint64_t>(load32(from + 4)) << 32);
}

/// Writes one thing after another into a bounded buffer. What does not fit is not written, and `ok()` stays false.
class byte_writer {
 public:
  explicit byte_writer(bytes to) noexcept : begin_(to.data()), at_(begin_), end_(begin_ + to.size()), ok_(true) {}

  void put8(uint8_t v) noexcept {
    if (room(1)) *at_++ = v;
  }
  void put16(uint16_t v) noexcept {
    put8(static_cast<uint8_t>(v & 0xff));
    put8(static_cast<uint8_t>(v >> 8));
  }
  void put32(uint32_t v) noexcept {
    put16(static_cast<uint16_t>(v & 0xffff));
    put16(static_cast<uint16_t>(v >> 16));
  }
  /// LEB128: seven bits a byte, low bits first, the high bit set on all bytes but the last. 1 to 5 bytes.
  void put_varint(uint32_t v) noexcept {
    for (; v >= 0x80; v >>= 7) put8(static_cast<uint8_t>(v | 0x80));
    put8(static_cast<uint8_t>(v));
  }
  /// Takes `count` bytes as written, by somebody who filled `rest()`.
  void skip(size_t count) noexcept {
    if (room(count)) at_ += count;
  }

  bytes rest() const noexcept { return bytes(at_, static_cast<size_t>(end_ - at_)); }
  size_t size() const noexcept { return static_cast<size_t>(at_ - begin_); }
  bool ok() const noexcept { return ok_; }

 private:
  bool room(size_t count) noexcept {
    if (static_cast<size_t>(end_ - at_) < count) ok_ = false;
    return ok_;
  }

  uint8_t* begin_;
  uint8_t* at_;
  uint8_t* end_;
  bool ok_;
};

/// Reads what byte_writer wrote. Past the end everything reads as zero and `ok()` stays false.
class byte_reader {
 public:
  explicit byte_reader(const_bytes from) noexcept
      : begin_(from.data()), at_(begin_), end_(begin_ + from.size()), ok_(true) {}

  uint8_t get8() noexcept { return has(1) ? *at_++ : uint8_t(0); }
  uint16_t get16() noexcept {
    if (!has(2)) return 0;
    at_ += 2;
    return load16(at_ - 2);
  }
  uint32_t get32() noexcept {
    if (!has(4)) return 0;
    at_ += 4;
    return load32(at_ - 4);
  }
  /// Refuses what does not fit 32 bits and what could be written shorter: each number has one spelling.
  uint32_t get_varint() noexcept {
    uint32_t v = 0;
    for (uint8_t shift = 0;; shift = static_cast<uint8_t>(shift + 7)) {  // the fifth byte ends it
      const uint8_t b = get8();
      if (!ok_ || (shift == 28 && b > 0x0f) || (shift > 0 && b == 0)) break;
      v |= static_cast<uint32_t>(b & 0x7f) << shift;
      if (b < 0x80) return v;
    }
    ok_ = false;
    return 0;
  }

  /// Passes over `count` bytes that somebody else read from `rest()`.
  void skip(size_t count) noexcept {
    if (has(count)) at_ += count;
  }

  const_bytes rest() const noexcept { return const_bytes(at_, static_cast<size_t>(end_ - at_)); }
  size_t size() const noexcept { return static_cast<size_t>(at_ - begin_); }
  bool ok() const noexcept { return ok_; }

 private:
  bool has(size_t count) noexcept {
    if (static_cast<size_t>(end_ - at_) < count) ok_ = false;
    return ok_;
  }

  const uint8_t* begin_;
  const uint8_t* at_;
  const uint8_t* end_;
  bool ok_;
};

}  // namespace WEIR_ABI
}  // namespace weir
