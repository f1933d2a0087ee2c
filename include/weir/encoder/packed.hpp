// SPDX-License-Identifier: MIT
#pragma once

#include <weir/core/bits.hpp>
#include <weir/core/bytes.hpp>
#include <weir/core/fingerprint.hpp>
#include <weir/policy/encoder.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// No positions: the values of consecutive cells, each in the same few bits; weir/wire/README.md has the format to the bit.
///
///   start            LEB128: the first cell; behind the last one of the model the first follows
///   values' header
///   bits             a value for each cell, as many as fit whole, at most all of them; ones fill the last byte
///
/// Every cell passes, whatever Wt is: the threshold to compose this with is `always`. Values is what a value looks like:
/// the classes of one_bit, levels, dense_natural in weir/encoder/.
template <class Values>
struct packed : Values {
  static_assert(
      !Values::needs_wt(),
      "weir: packed sends every cell, also those below Wt: values that derive from Wt say nothing of them; take "
      "sparse for these values, or one_bit, levels or dense_natural");
  static_assert(Values::bits() >= 1 && Values::bits() <= 24, "weir: packed values have 1 to 24 bits; dense32 has 32");

  constexpr packed() noexcept : Values() {}

  static constexpr uint32_t id() noexcept { return mix(name_id("packed"), Values::id()); }
  static constexpr size_t max_bytes(index_t cells, index_t hits) noexcept { return hits == 0 ? 0 : 9 + size_of(cells); }

  template <class Grid>
  class writer {
   public:
    typedef typename Grid::cell cell;

    writer(const packed& encoder, const typename Values::state& s, Grid grid, const encode_request& request,
           bytes out) noexcept
        : values_(encoder, s, grid, request),
          next_(0),
          end_(0),
          any_(false),
          begin_(out.data()),
          bits_(write_header(request, out)) {}

    static cell threshold() noexcept { return cell(); }

    bool put(index_t offset, cell& c) noexcept {
      fill(offset);
      if (next_ >= end_) return false;
      bits_.put(values_.code(c), Values::bits());
      values_.take(c);
      ++next_;
      return any_ = true;
    }

    size_t finish(typename Values::state& s) noexcept {
      values_.finish(s);
      if (!any_) return 0;
      fill(end_);  // the number of values follows from the size
      return static_cast<size_t>(bits_.finish() - begin_);
    }

   private:
    bit_writer write_header(const encode_request& request, bytes out) noexcept {
      byte_writer w(out);
      w.put_varint(request.start);
      values_.put_header(w);
      if (w.ok()) end_ = packed::fits(w.rest().size(), request.cells);
      return bit_writer(w.rest());
    }
    // Cells that nobody has put are sent as what is nearest to zero.
    void fill(index_t offset) noexcept {
      for (; next_ < offset && next_ < end_; ++next_) {
        const cell nothing = cell();
        bits_.put(values_.code(nothing), Values::bits());
      }
    }

    typename Values::template coder<Grid> values_;
    index_t next_;
    index_t end_;  // as many values as there is room for
    bool any_;
    uint8_t* begin_;
    bit_writer bits_;
  };

  template <class Value>
  static status check(const_bytes body, index_t cells) noexcept {
    return decode<Value>(body, cells, detail::any_coordinate_sink());
  }

  template <class Value, class Sink>
  static status decode(const_bytes body, index_t cells, Sink&& sink) noexcept {
    if (body.empty()) return status::ok;  // an empty update
    byte_reader header(body);
    const uint32_t start = header.get_varint();
    typename Values::template decoder<Value> values(header);
    const index_t count = fits(header.rest().size(), cells);
    if (!header.ok() || start >= cells || !values.ok() || count == 0) return status::malformed;
    bit_reader bits(header.rest());
    index_t at = static_cast<index_t>(start);
    for (index_t i = 0; i < count; ++i) {
      const Value value = values.get(bits);
      if (!values.sane(value)) return status::malformed;
      sink(at, value);
      if (++at == cells) at = 0;
    }
    return bits.only_padding() ? status::ok : status::malformed;
  }

 private:
  /// Bytes that so many values take.
  static constexpr size_t size_of(index_t count) noexcept {
    return static_cast<size_t>(count / 8) * Values::bits() + (static_cast<size_t>(count % 8) * Values::bits() + 7) / 8;
  }
  /// Whole values in so many bytes, at most `cells`.
  static index_t fits(size_t size, index_t cells) noexcept {
    const size_t eights = size / Values::bits();
    if (eights > cells / 8) return cells;
    const index_t n = static_cast<index_t>(eights * 8 + size % Values::bits() * 8 / Values::bits());
    return n < cells ? n : cells;
  }
};

}  // namespace WEIR_ABI
}  // namespace weir
