// SPDX-License-Identifier: MIT
#pragma once

#include <weir/encoder/ternary.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// One magnitude and one sign for the whole frame: a coordinate is a position and nothing else.
struct one_signed_values {
  static constexpr uint32_t id() noexcept { return name_id("one sign"); }
  static constexpr bool needs_wt() noexcept { return true; }
  static constexpr uint8_t bits() noexcept { return 0; }

  struct state : ternary_values::state {
    uint8_t negative;  // the sign of the next frame
  };

  template <class Grid>
  class coder : public ternary_values::coder<Grid> {
    typedef ternary_values::coder<Grid> base;

   public:
    typedef typename Grid::cell cell;
    typedef typename Grid::value value;

    coder(const one_signed_values&, const state& s, Grid grid, const encode_request& request) noexcept
        : base(ternary_values(), s, grid, request), negative_(s.negative != 0), sent_(false), waiting_(false) {
      if (wire_value<value>::to_magnitude(this->magnitude_) <= 0x7fff) return;
      this->magnitude_ = wire_value<value>::from_magnitude(0x7fff);  // a bit less: the sign has it
      this->amount_ = this->grid_.cells(this->magnitude_);
    }

    bool wants(const cell& c) const noexcept {
      const bool same = is_negative(c) == negative_;
      if (!same && !(magnitude(c) < this->threshold_)) waiting_ = true;
      return same;
    }
    void put_header(byte_writer& w) const noexcept {
      const uint16_t magnitude = wire_value<value>::to_magnitude(this->magnitude_);
      w.put16(static_cast<uint16_t>(magnitude | (negative_ ? 0x8000u : 0u)));
    }
    static constexpr uint8_t code(const cell&) noexcept { return 0; }
    void take(cell& c) noexcept {
      sent_ = true;
      base::take(c);
    }
    void finish(state& s) const noexcept {
      base::finish(s);
      if (waiting_ || !sent_) s.negative = negative_ ? 0 : 1;
    }

   private:
    bool negative_;
    bool sent_;
    mutable bool waiting_;  // the other sign has cells beyond Wt: whoever asks wants() shows them
  };

  template <class Value>
  class decoder {
   public:
    explicit decoder(byte_reader& header) noexcept : decoder(header.get16()) {}
    bool ok() const noexcept { return wire_value<Value>::sane(value_) && !(value_ == Value()); }
    Value get(bit_reader&) const noexcept { return value_; }
    static constexpr bool sane(Value) noexcept { return true; }

   private:
    explicit decoder(uint16_t field) noexcept
        : value_(wire_value<Value>::from_magnitude(static_cast<uint16_t>(field & 0x7fff))) {
      if ((field & 0x8000) != 0) value_ = -value_;
    }

    Value value_;
  };
};

}  // namespace detail

/// Sparse binary compression (Sattler et al., IJCNN 2019): a frame carries one magnitude and one sign, and a coordinate is
/// its position alone. Cells of the other sign wait: if any has risen to Wt the next frame is theirs, so none waits for more
/// than one full scan. The magnitude is that of ternary, the mean of what passed before.
/// For one of the two ways: half of what is to be said comes a round late, and when that is so both ways, training swings
/// (digits: 96.4 % with ternary the other way, 54 % with this both ways, and 95 to 96 % with one step to a round).
/// Wire: 0 bits per coordinate and 2 bytes; bias: none over time, by the residual; RAM: 3 bytes, or 4.
typedef sparse<detail::one_signed_values> one_signed;

}  // namespace WEIR_ABI
}  // namespace weir
