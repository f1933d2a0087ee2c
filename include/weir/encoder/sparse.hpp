// SPDX-License-Identifier: MIT
#pragma once

#include <weir/core/bytes.hpp>
#include <weir/core/fingerprint.hpp>
#include <weir/encoder/rice.hpp>
#include <weir/kernel/gather32.hpp>
#include <weir/policy/encoder.hpp>

namespace weir {
inline namespace WEIR_ABI {

namespace detail {

/// values.take of the first n of cells[]; the others are of no account. Optional, all at once: values.take(cells, n).
template <class Coder, class Cell>
auto take_all(Coder& values, Cell (&cells)[32], index_t n, int) noexcept -> decltype(values.take(cells, n)) {
  values.take(cells, n);
}
template <class Coder, class Cell>
void take_all(Coder& values, Cell (&cells)[32], index_t n, long) noexcept {
  for (index_t i = 0; i < n; ++i) values.take(cells[i]);
}

}  // namespace detail

/// Positions by Rice's code, values by `Values`; weir/wire/README.md has the format to the bit.
///
///   byte 0         bits 0-4: Rice parameter l, at most 24, for the first 32 coordinates; bit 5: a start follows; bits 6-7: zero
///   start          LEB128, if bit 5: positions count from here and around
///   values' header ternary and strom: the magnitude, 2 bytes
///   bits           for each coordinate: gap to the last one (Rice), then the value's bits; ones fill the last byte
///
/// Values is what a value looks like: the classes ternary, strom, sparse32, sparse16 of weir/encoder/.
template <class Values>
struct sparse : Values {
  constexpr sparse() noexcept : Values() {}

  static constexpr uint32_t id() noexcept { return mix(name_id("sparse"), Values::id()); }
  static constexpr size_t max_bytes(index_t cells, index_t hits) noexcept {
    return hits == 0 ? 0 : 8 + (static_cast<size_t>(hits) * (max_symbol_bits(cells) + Values::bits()) + 7) / 8;
  }

  template <class Grid>
  class writer {
   public:
    typedef typename Grid::cell cell;

    writer(const sparse& encoder, const typename Values::state& s, Grid grid, const encode_request& request,
           bytes out) noexcept
        : values_(encoder, s, grid, request),
          any_(false),
          fits_(false),
          begin_(out.data()),
          coordinates_(write_header(request, out)) {}

    cell threshold() const noexcept { return values_.threshold(); }
    bool wants(const cell& c) const noexcept { return values_.wants(c); }

    bool put(index_t offset, cell& c) noexcept {
      if (!fits_ || !coordinates_.put(offset, values_.code(c))) return false;
      values_.take(c);
      return any_ = true;
    }

    /// Coordinates first + list[i], cells[list[i]]: as put, for k of them, as far as there is room and up to a cell that has overflowed
    /// or is not wanted; tells emitted(list[i]) of each and returns how many. With `more` to come the last of them may be
    /// left for then. list[-1] to list[k + 31] can be read, and are cells; those from k on are of no account.
    template <class Emitted>
    index_t put(index_t first, cell* cells, const uint16_t* list, index_t k, bool more, Emitted& emitted) noexcept {
      index_t done = 0;
      while (done < k) {
        if (more && k - done < coordinates_.at_once()) break;
        const index_t n = put_at_once(first, cells, list + done, k - done, emitted);
        done = static_cast<index_t>(done + n);
        if (n != 0) continue;
        cell& c = cells[list[done]];
        if (overflowed(c) || !wants(c) || !put(static_cast<index_t>(first + list[done]), c)) break;
        emitted(list[done]);
        ++done;
      }
      return done;
    }

    size_t finish(typename Values::state& s) noexcept {
      values_.finish(s);
      return any_ ? static_cast<size_t>(coordinates_.finish() - begin_) : 0;
    }

   private:
    typedef typename Values::template coder<Grid> coder;
    typedef detail::rice_writer<Values::bits()> coordinates;
    static constexpr index_t most_at_once() noexcept { return 32; }

    template <class Emitted>
    index_t put_at_once(index_t first, cell* cells, const uint16_t* list, index_t k, Emitted& emitted) noexcept {
      index_t n = k < coordinates_.at_once() ? k : static_cast<index_t>(coordinates_.at_once());
      n = static_cast<index_t>(n - n % 2);
      if (n == 0 || !fits_) return 0;
      cell taken[most_at_once()];
      uint32_t codes[most_at_once()];
      kernel::gather32(cells, list, taken);
      uint32_t others = 0;
      for (index_t i = 0; i < most_at_once(); ++i) {
        codes[i] = values_.code(taken[i]);
        others |= static_cast<uint32_t>(overflowed(taken[i])) | static_cast<uint32_t>(!wants(taken[i]));
      }
      if (others != 0 || !coordinates_.put(first, list, codes, n)) return 0;
      coder values = values_;  // a copy stays in registers
      detail::take_all(values, taken, n, 0);
      values_ = values;
      if (n == most_at_once()) {
        for (index_t i = 0; i < most_at_once(); i += 8)
          for (index_t j = i; j < i + 8; ++j) leave(cells, list[j], taken[j], emitted);
      } else {
        for (index_t i = 0; i < n; ++i) leave(cells, list[i], taken[i], emitted);
      }
      any_ = true;
      return n;
    }

    template <class Emitted>
    static void leave(cell* cells, uint16_t i, cell c, Emitted& emitted) noexcept {
      cells[i] = c;
      emitted(i);
    }

    coordinates write_header(const encode_request& request, bytes out) noexcept {
      const uint8_t l = detail::rice_parameter(request.cells, request.expected);
      byte_writer w(out);
      w.put8(static_cast<uint8_t>(l | (request.start != 0 ? 0x20 : 0)));
      if (request.start != 0) w.put_varint(request.start);
      values_.put_header(w);
      fits_ = w.ok();
      return coordinates(l, request.cells, w.rest());
    }

    coder values_;
    bool any_;
    bool fits_;  // the header does
    uint8_t* begin_;
    coordinates coordinates_;
  };

  template <class Value>
  static status check(const_bytes body, index_t cells) noexcept {
    return decode<Value>(body, cells, detail::any_coordinate_sink());
  }

  template <class Value, class Sink>
  static status decode(const_bytes body, index_t cells, Sink&& sink) noexcept {
    if (body.empty()) return status::ok;  // an empty update
    byte_reader header(body);
    const uint8_t first = header.get8();
    const uint8_t l = first & 0x1f;
    const uint32_t start = (first & 0x20) != 0 ? header.get_varint() : 0;
    typename Values::template decoder<Value> values(header);
    if (!header.ok() || (first & 0xc0) != 0 || l > detail::rice_most() || start >= cells ||
        (start == 0 && (first & 0x20) != 0) || !values.ok())
      return status::malformed;

    bit_reader bits(header.rest());
    detail::rice_parameter_now now(l);
    const uint8_t raw_bits = detail::index_bits(cells);
    const index_t before_wrap = static_cast<index_t>(cells - start);
    index_t next = 0;  // the offset behind the last coordinate
    do {
      const uint32_t gap = detail::get_rice(bits, now.l(), raw_bits);
      const Value value = values.get(bits);
      if (bits.over() || gap >= static_cast<index_t>(cells - next) || !values.sane(value)) return status::malformed;
      const index_t offset = static_cast<index_t>(next + gap);
      next = static_cast<index_t>(offset + 1);
      now.count(next);
      sink(static_cast<index_t>(offset < before_wrap ? start + offset : offset - before_wrap), value);
    } while (!bits.only_padding());
    return status::ok;
  }

 private:
  static constexpr size_t max_symbol_bits(index_t cells) noexcept {
    return static_cast<size_t>(detail::rice_escape()) +
           (detail::index_bits(cells) > detail::rice_most() ? detail::index_bits(cells) : detail::rice_most());
  }
};

}  // namespace WEIR_ABI
}  // namespace weir
