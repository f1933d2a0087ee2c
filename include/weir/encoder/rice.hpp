// SPDX-License-Identifier: MIT
// Rice's code for the gaps between emitted coordinates (Rice and Plaunt 1971; Golomb 1966): quotient in unary,
// remainder in l bits. With signs it is within 2 % of the entropy of evenly spread coordinates.
#pragma once

#include <weir/core/bits.hpp>
#include <weir/core/rice_code.hpp>
#include <weir/kernel/avr_rice.hpp>
#include <weir/kernel/rice_pairs.hpp>

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

/// The smallest l with 2^l >= factor / 256 * (cells / hits - 1 / 2). With 123 it is the best parameter for `hits` of `cells`, by the
/// golden-ratio rule (Kiely, IPN 42-159: (1 - p)^(2^l) <= 0.618, so 0.4812). Integers only: the same on every machine.
__attribute__((noinline)) inline uint8_t rice_parameter(index_t cells, index_t hits, uint8_t factor = 123) noexcept {
  const index_t n = static_cast<index_t>(cells - (hits < cells ? hits : cells) / 2);
  const index_t enough = static_cast<index_t>((n >> 8) * factor + (((n & 0xff) * static_cast<index_t>(factor)) >> 8));
  const index_t half = static_cast<index_t>(-1) / 2;
  index_t reach = hits == 0 ? 1 : hits;
  uint8_t l = 0;
  for (; reach < enough && l < rice_most(); ++l)
    reach = reach > half ? static_cast<index_t>(-1) : static_cast<index_t>(reach * 2);
  return l;
}

/// The parameter as it follows the density: both sides look after each 32 coordinates how far these reach, and take what the
/// rule says of them when it is clear, by a quarter. It costs no bit and no buffer; layers differ, and one parameter for all
/// of them wastes a quarter to a half.
class rice_parameter_now {
 public:
  explicit rice_parameter_now(uint8_t l) noexcept : l_(l), left_(block()), begin_(0) {}

  uint8_t l() const noexcept { return l_; }

  /// Coordinates until the next look.
  uint8_t left() const noexcept { return left_; }

  /// `n` <= left() more coordinates; `end` is the offset behind the last. True: the parameter may be another from here on.
  bool count(index_t end, uint8_t n = 1) noexcept {
    return is_same<bit_writer, bit_writer64>::value ? here(end, n) : there(end, n);
  }

 private:
  static constexpr uint8_t block() noexcept { return 32; }

  bool here(index_t end, uint8_t n) noexcept {
    left_ = static_cast<uint8_t>(left_ - n);
    if (left_ != 0) return false;
    left_ = block();
    const index_t span = static_cast<index_t>(end - begin_);
    begin_ = end;
    const uint8_t least = of_block(span, 96);
    const uint8_t most = of_block(span, 160);
    l_ = l_ < least ? least : (l_ > most ? most : l_);
    return true;
  }
  static uint8_t of_block(index_t span, uint8_t factor) noexcept {
    if (!is_same<bit_writer, bit_writer64>::value) return rice_parameter(span, block(), factor);
    const uint64_t enough = ((static_cast<uint64_t>(span) - block() / 2) * factor) >> 8;
    const int l = 63 - __builtin_clzll(((enough - 1) >> 4) | 1);  // the smallest with block() << l >= enough
    return static_cast<uint8_t>(l < rice_most() ? l : rice_most());
  }
  // A microcontroller has it in flash but once; elsewhere what has no address stays in registers.
  __attribute__((noinline)) bool there(index_t end, uint8_t n) noexcept { return here(end, n); }

  uint8_t l_;
  uint8_t left_;   // coordinates to go in this block
  index_t begin_;  // of the block
};

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

#if WEIR_HAS_AVR_MUL
/// Writes gaps and their tails: rice_symbol::put, on a stream of its own.
class rice_stream {
 public:
  rice_stream(const rice_code& code, bytes out) noexcept : stream_{bit_writer8(out).position(), code} {}

  const rice_code& code() const noexcept { return stream_.code; }
  void set(const rice_code& code) noexcept { stream_.code = code; }

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
class rice_stream {
 public:
  rice_stream(const rice_code& code, bytes out) noexcept : code_(code), bits_(out) {}

  const rice_code& code() const noexcept { return code_; }
  void set(const rice_code& code) noexcept { code_ = code; }

  bool put(index_t gap, uint32_t tail) noexcept { return put_to(bits_, gap, tail); }
#  if WEIR_HAS_RICE_PAIRS
  bool put(const kernel::rice_pairs& pairs, uint32_t n) noexcept {
    if (bits_.room() < kernel::rice_pairs::most_bits() + 128) return false;
    bits_.put_all(pairs, n / 2);
    return true;
  }
#  endif
  uint8_t* finish() noexcept { return bits_.finish(); }

 private:
  template <class Writer>
  bool put_to(Writer& bits, index_t gap, uint32_t tail) noexcept {
    return rice_symbol(gap, code_).put(bits, code_, tail);
  }
  // In one go, if there is room for anything.
  bool put_to(bit_writer64& bits, index_t gap, uint32_t tail) noexcept {
    const uint32_t quotient = static_cast<uint32_t>(gap) >> code_.l;
    const uint8_t tail_bits = static_cast<uint8_t>(code_.bits - code_.l);
    if (quotient >= rice_escape() || tail_bits > 16 || !bits.ample()) return put_otherwise(bits, gap, tail);
    const uint64_t rest = (gap & (code_.span - 1)) | (static_cast<uint64_t>(tail) << code_.l);
    bits.put((rest << (quotient + 1)) | ((static_cast<uint64_t>(1) << quotient) - 1),
             static_cast<uint8_t>(quotient + 1 + code_.bits));
    return true;
  }
  // By way of a copy: what has no address stays in registers.
  bool put_otherwise(bit_writer64& bits, index_t gap, uint32_t tail) noexcept {
    bit_writer64 copy = bits;
    const bool done = put_parts(copy, gap, code_, tail);
    bits = copy;
    return done;
  }
  __attribute__((noinline)) static bool put_parts(bit_writer64& bits, index_t gap, rice_code code,
                                                  uint32_t tail) noexcept {
    return rice_symbol(gap, code).put(bits, code, tail);
  }

  rice_code code_;
  bit_writer bits_;
};
#endif

/// Writes coordinates, each with `TailBits` bits of its value.
template <uint8_t TailBits>
class rice_writer {
 public:
  rice_writer(uint8_t l, index_t cells, bytes out) noexcept
      : now_(l), next_(0), stream_(rice_code(l, index_bits(cells), TailBits), out) {}

  /// Offsets ascend. False: there is no room, and nothing has changed.
  template <class Tail>
  bool put(index_t offset, Tail tail) noexcept {
    if (!stream_.put(static_cast<index_t>(offset - next_), tail)) return false;
    next_ = static_cast<index_t>(offset + 1);
    if (now_.count(next_)) stream_.set(rice_code(now_.l(), stream_.code().raw_bits, TailBits));
    return true;
  }
  /// Coordinates that may be put at once: an even number up to this. 0: none.
  uint32_t at_once() const noexcept { return TailBits == 1 && WEIR_HAS_RICE_PAIRS ? now_.left() : 0; }
  /// Coordinates first + list[i], n of them; tails[i], 0 or 1, is the tail of each. False: none is written, they have to be
  /// put one by one. list[-1] to list[31] and 32 tails can be read; those from n on are of no account.
  bool put(index_t first, const uint16_t* list, const uint32_t* tails, uint32_t n) noexcept {
#if WEIR_HAS_RICE_PAIRS
    kernel::rice_pairs pairs;
    if (!pairs.set(static_cast<uint32_t>(first + list[0] - next_), list, tails, n, now_.l()) || !stream_.put(pairs, n))
      return false;
    next_ = static_cast<index_t>(first + list[n - 1] + 1);
    if (now_.count(next_, static_cast<uint8_t>(n))) stream_.set(rice_code(now_.l(), stream_.code().raw_bits, TailBits));
    return true;
#else
    (void)first, (void)list, (void)tails, (void)n;
    return false;
#endif
  }
  uint8_t* finish() noexcept { return stream_.finish(); }

 private:
  rice_parameter_now now_;
  index_t next_;  // behind the last coordinate
  rice_stream stream_;
};

template <class Reader>
uint32_t get_rice(Reader& bits, uint8_t l, uint8_t raw_bits) noexcept {
  const uint8_t quotient = bits.get_unary(rice_escape());
  if (quotient < rice_escape()) return (static_cast<uint32_t>(quotient) << l) + bits.get(l);
  if (raw_bits <= 16) return bits.get(raw_bits);
  const uint32_t low = bits.get(16);
  return low | (bits.get(static_cast<uint8_t>(raw_bits - 16)) << 16);
}
inline uint32_t get_rice(bit_reader64& bits, uint8_t l, uint8_t raw_bits) noexcept {
  const uint8_t quotient = bits.peek_unary(rice_escape());
  if (quotient < rice_escape())
    return (static_cast<uint32_t>(quotient) << l) + bits.take(static_cast<uint8_t>(quotient + 1), l);
  bits.take(quotient, 0);
  return bits.get(raw_bits);
}

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
