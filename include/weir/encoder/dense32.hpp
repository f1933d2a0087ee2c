// SPDX-License-Identifier: MIT
#pragma once

#include <weir/core/bytes.hpp>
#include <weir/core/fingerprint.hpp>
#include <weir/core/wire_value.hpp>
#include <weir/policy/encoder.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// No compression: a run of consecutive weights, 4 bytes each (a float, or a count of weight units), behind the index of
/// the first as LEB128. Cells below Wt inside the run are sent as zero. The baseline, with threshold `always`.
/// RAM: none.
struct dense32 {
  struct state {};

  static constexpr uint32_t id() noexcept { return name_id("dense32"); }
  static constexpr bool needs_wt() noexcept { return false; }
  static constexpr size_t max_bytes(index_t cells, index_t hits) noexcept {
    return hits == 0 ? 0 : 5 + 4 * static_cast<size_t>(cells);
  }

  template <class Grid>
  class writer {
   public:
    typedef typename Grid::cell cell;
    typedef typename Grid::value value;

    writer(const dense32&, const state&, Grid grid, const encode_request& request, bytes out) noexcept
        : grid_(grid), threshold_(grid.threshold(request.wt)), next_(0), any_(false), out_(out) {
      out_.put_varint(request.start);
    }
    cell threshold() const noexcept { return threshold_; }

    bool put(index_t offset, cell& c) noexcept {
      if (out_.rest().size() / 4 <= static_cast<size_t>(offset - next_)) return false;
      for (; next_ != offset; ++next_) out_.put32(wire_value<value>::to32(value()));
      const value v = grid_.whole(c);
      out_.put32(wire_value<value>::to32(v));
      Grid::take(c, grid_.cells(v));
      ++next_;
      return any_ = true;
    }
    size_t finish(state&) const noexcept { return any_ ? out_.size() : 0; }

   private:
    Grid grid_;
    cell threshold_;
    index_t next_;
    bool any_;
    byte_writer out_;
  };

  template <class Value>
  static status check(const_bytes body, index_t cells) noexcept {
    return decode<Value>(body, cells, detail::any_coordinate_sink());
  }

  template <class Value, class Sink>
  static status decode(const_bytes body, index_t cells, Sink&& sink) noexcept {
    if (body.empty()) return status::ok;
    byte_reader r(body);
    const uint32_t start = r.get_varint();
    const const_bytes values = r.rest();
    if (!r.ok() || start >= cells || values.empty() || values.size() % 4 != 0 || values.size() / 4 > cells)
      return status::malformed;
    index_t at = static_cast<index_t>(start);
    for (size_t i = 0; i < values.size(); i += 4) {
      const Value value = wire_value<Value>::from32(load32(values.data() + i));
      if (!wire_value<Value>::sane(value)) return status::malformed;
      sink(at, value);
      if (++at == cells) at = 0;
    }
    return status::ok;
  }
};

}  // namespace WEIR_ABI
}  // namespace weir
