// SPDX-License-Identifier: MIT
// Rice's code for the gaps between emitted coordinates (Rice and Plaunt 1971; Golomb 1966): quotient in unary,
// remainder in l bits. At the best l it is within 1.5 % of the entropy of evenly spread coordinates.
#pragma once

#include <weir/core/bits.hpp>
#include <weir/core/rice_code.hpp>
#include <weir/kernel/avr_rice.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// Quotients from here on are escaped: so many ones, then the gap itself in index_bits(cells) bits.
constexpr uint8_t rice_escape() noexcept { return 20; }
/// The largest parameter: a remainder is written in one go.
constexpr uint8_t rice_most() noexcept { return 24; }

/// Bits that number `cells` cells; 1 at least.
constexpr uint8_t index_bits(index_t cells, uint8_t so_far = 1) noexcept {
  return cells <= 2 ? so_far : index_bits(static_cast<index_t>(cells - cells / 2), static_cast<uint8_t>(so_far + 1));
}

/// The best parameter for `hits` of `cells`: the smallest l with 2^l >= 0.48 (cells / hits - 1 / 2), the golden-ratio rule
/// (Kiely, IPN 42-159: (1 - p)^(2^l) <= 0.618; 0.4812 is here 123 / 256). Integers only: the same on every machine.
inline uint8_t rice_parameter(index_t cells, index_t hits) noexcept {
  const index_t n = static_cast<index_t>(cells - (hits < cells ? hits : cells) / 2);
  const index_t enough = static_cast<index_t>((n >> 8) * 123 + (((n & 0xff) * static_cast<index_t>(123)) >> 8));
  const index_t half = static_cast<index_t>(-1) / 2;
  index_t reach = hits == 0 ? 1 : hits;
  uint8_t l = 0;
  for (; reach < enough && l < rice_most(); ++l)
    reach = reach > half ? static_cast<index_t>(-1) : static_cast<index_t>(reach * 2);
  return l;
}

/// A gap cut in two: quotient and remainder, or the escape and the gap itself.
struct rice_symbol {
  uint8_t quotient;
  index_t rest;

  rice_symbol(index_t gap, const rice_code& code) noexcept : quotient(0), rest(gap) {
    if (sizeof(index_t) == 2) {  // quotients are small: subtracting is cheaper than a shift by one place at a time
      while (code.span != 0 && rest >= code.span && quotient < rice_escape()) {
        rest = static_cast<index_t>(rest - code.span);
        ++quotient;
      }
    } else {
      const uint32_t q = static_cast<uint32_t>(gap) >> code.l;
      quotient = static_cast<uint8_t>(q < rice_escape() ? q : rice_escape());
      rest = static_cast<index_t>(gap - (q << code.l));
    }
    if (quotient == rice_escape()) rest = gap;
  }

  /// Without a tail.
  uint8_t bits(const rice_code& code) const noexcept {
    return static_cast<uint8_t>(quotient < rice_escape() ? quotient + 1 + code.l : rice_escape() + code.raw_bits);
  }

  /// The symbol, and behind it `tail`, in code.bits - code.l <= 32 bits. False: there is no room, and nothing has changed.
  template <class Writer>
  bool put(Writer& to, const rice_code& code, uint32_t tail) const noexcept {
    const uint8_t tail_bits = static_cast<uint8_t>(code.bits - code.l);
    if (to.room() < static_cast<uint32_t>(bits(code)) + tail_bits) return false;
    const bool escaped = quotient == rice_escape();
    to.put((static_cast<uint32_t>(1) << quotient) - 1, static_cast<uint8_t>(quotient + (escaped ? 0 : 1)));
    if (!escaped && tail_bits <= 1 && code.bits <= 16) {  // a sign goes with the remainder
      to.put(tail != 0 ? rest | code.span : rest, code.bits);
    } else {
      put_long(to, rest, escaped ? code.raw_bits : code.l);
      put_long(to, tail, tail_bits);
    }
    return true;
  }

 private:
  template <class Writer>
  static void put_long(Writer& to, uint32_t v, uint8_t count) noexcept {
    to.put(v & 0xffff, count < 16 ? count : 16);
    if (count > 16) to.put(v >> 16, static_cast<uint8_t>(count - 16));
  }
};

/// Writes gaps and their tails: rice_symbol::put, on a stream of its own.
#if WEIR_HAS_AVR_MUL
class rice_writer {
 public:
  rice_writer(const rice_code& code, bytes out) noexcept : stream_{bit_writer8(out).position(), code} {}

  template <class Tail>
  bool put(index_t gap, Tail tail) noexcept {
    const bool small = stream_.code.l < 15 && stream_.code.bits - stream_.code.l <= 1;
    return (small && kernel::put_rice(stream_, gap, tail != 0 ? 1 : 0)) || put_portably(gap, tail);
  }
  uint8_t* finish() noexcept { return bit_writer8(stream_.at).finish(); }

 private:
  // The escape, the last bytes of a frame, tails of many bits: bit by bit, and back where there is no room.
  template <class Tail>
  __attribute__((noinline)) bool put_portably(index_t gap, Tail tail) noexcept {
    const rice_code& code = stream_.code;
    const rice_symbol symbol(gap, code);
    bit_writer8 bits(stream_.at);
    bool done = true;
    for (uint8_t i = 0; i < symbol.quotient; ++i) done = bits.try_put(index_t(1), 1);
    const bool escaped = symbol.quotient == rice_escape();
    done = done && bits.try_put(index_t(0), escaped ? 0 : 1) &&
           bits.try_put(symbol.rest, escaped ? code.raw_bits : code.l) &&
           bits.try_put(tail, static_cast<uint8_t>(code.bits - code.l));
    if (done) stream_.at = bits.position();
    return done;
  }

  kernel::rice_stream stream_;
};
#else
class rice_writer {
 public:
  rice_writer(const rice_code& code, bytes out) noexcept : code_(code), bits_(out) {}

  bool put(index_t gap, uint32_t tail) noexcept { return rice_symbol(gap, code_).put(bits_, code_, tail); }
  uint8_t* finish() noexcept { return bits_.finish(); }

 private:
  rice_code code_;
  bit_writer bits_;
};
#endif

template <class Reader>
uint32_t get_rice(Reader& bits, uint8_t l, uint8_t raw_bits) noexcept {
  const uint8_t quotient = bits.get_unary(rice_escape());
  if (quotient < rice_escape()) return (static_cast<uint32_t>(quotient) << l) + bits.get(l);
  if (raw_bits <= 16) return bits.get(raw_bits);
  const uint32_t low = bits.get(16);
  return low | (bits.get(static_cast<uint8_t>(raw_bits - 16)) << 16);
}

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
