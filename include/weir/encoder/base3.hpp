// SPDX-License-Identifier: MIT
#pragma once

#include <weir/encoder/ternary.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// Ternary values without positions (3LC, Lim et al., MLSys 2019): cells that have risen to Wt send their sign, all others
/// zero; five of these trits are a byte, and a run of bytes that are all zeros is one byte.
///
///   start       LEB128: the first cell; behind the last one of the model the first follows
///   magnitude   2 bytes, as in ternary
///   bytes       0 to 242: five trits, the first counts 81, then 27, 9, 3, 1; 0 is -magnitude, 1 zero, 2 +magnitude.
///               243 to 255: 2 to 14 times the byte of five zeros, 121. Zeros at the end are left out
///
/// 1.6 bits per weight at most, and bytes only: a decoder without a bit shift. Below a density of about 20 % ternary
/// is smaller. Bias: none over time, by the residual; RAM: 2 bytes.
struct base3 {
  typedef detail::ternary_values::state state;

  static constexpr uint32_t id() noexcept { return name_id("base3"); }
  static constexpr bool needs_wt() noexcept { return true; }
  static constexpr size_t max_bytes(index_t cells, index_t hits) noexcept {
    return hits == 0 ? 0 : 7 + static_cast<size_t>(cells / 5) + 1;
  }

  template <class Grid>
  class writer {
   public:
    typedef typename Grid::cell cell;

    writer(const base3&, const state& s, Grid grid, const encode_request& request, bytes out) noexcept
        : values_(detail::ternary_values(), s, grid, request), out_(out), five_(0), trits_(zeros()), any_(false) {
      out_.put_varint(request.start);
      values_.put_header(out_);
    }

    cell threshold() const noexcept { return values_.threshold(); }

    bool put(index_t offset, cell& c) noexcept {
      const index_t five = static_cast<index_t>(offset / 5);
      if (!reach(five)) return false;
      uint8_t weight = 81;
      for (uint8_t i = static_cast<uint8_t>(offset - five * 5); i != 0; --i) weight = static_cast<uint8_t>(weight / 3);
      trits_ = static_cast<uint8_t>(values_.code(c) != 0 ? trits_ - weight : trits_ + weight);
      values_.take(c);
      return true;
    }

    size_t finish(state& s) noexcept {
      values_.finish(s);
      if (!any_) return 0;
      out_.put8(trits_);
      return out_.size();
    }

   private:
    static constexpr uint8_t zeros() noexcept { return 121; }

    // Makes `five` the byte under way, for which there is room.
    bool reach(index_t five) noexcept {
      if (any_ && five == five_) return true;
      index_t empty = static_cast<index_t>(any_ ? five - five_ - 1 : five);
      const size_t runs = static_cast<size_t>(empty / 14) + (empty % 14 != 0 ? 1 : 0);
      if (!out_.ok() || out_.rest().size() < (any_ ? 1 : 0) + runs + 1) return false;
      if (any_) out_.put8(trits_);
      for (; empty >= 14; empty = static_cast<index_t>(empty - 14)) out_.put8(255);
      if (empty != 0) out_.put8(empty == 1 ? zeros() : static_cast<uint8_t>(241 + empty));
      five_ = five;
      trits_ = zeros();
      return any_ = true;
    }

    detail::ternary_values::coder<Grid> values_;
    byte_writer out_;
    index_t five_;   // the byte under way
    uint8_t trits_;  // what it is so far
    bool any_;
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
    const Value magnitude = wire_value<Value>::from_magnitude(r.get16());
    const const_bytes fives = r.rest();
    if (!r.ok() || start >= cells || !wire_value<Value>::sane(magnitude) || !(magnitude > Value()) || fives.empty() ||
        fives[fives.size() - 1] > 242 || fives[fives.size() - 1] == 121)  // zeros at the end are not written
      return status::malformed;
    const index_t before_wrap = static_cast<index_t>(cells - start);
    index_t left = cells;  // to go from here on
    for (size_t i = 0; i < fives.size(); ++i) {
      uint8_t five = fives[i];
      if (five > 242 || five == 121) {
        const uint8_t zeros = static_cast<uint8_t>(five == 121 ? 5 : 5 * (five - 241));
        if (left <= zeros) return status::malformed;
        left = static_cast<index_t>(left - zeros);
        continue;
      }
      for (uint8_t weight = 81; weight != 0; weight = static_cast<uint8_t>(weight / 3)) {
        const uint8_t trit = static_cast<uint8_t>(five / weight);
        five = static_cast<uint8_t>(five % weight);
        if (left == 0) {
          if (trit != 1) return status::malformed;
          continue;
        }
        if (trit != 1) {
          const index_t offset = static_cast<index_t>(cells - left);
          sink(static_cast<index_t>(offset < before_wrap ? start + offset : offset - before_wrap),
               trit == 0 ? -magnitude : magnitude);
        }
        --left;
      }
    }
    return status::ok;
  }
};

}  // namespace WEIR_ABI
}  // namespace weir
