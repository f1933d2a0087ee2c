// SPDX-License-Identifier: MIT
#pragma once

#include <weir/core/wire_value.hpp>
#include <weir/encoder/sparse.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// One magnitude for the whole frame and a sign for each coordinate: the wire format of ternary and strom.
struct signs {
  static constexpr uint32_t id() noexcept { return name_id("signs"); }
  static constexpr bool needs_wt() noexcept { return true; }
  static constexpr uint8_t bits() noexcept { return 1; }

  template <class Value>
  class decoder {
   public:
    explicit decoder(byte_reader& header) noexcept : magnitude_(wire_value<Value>::from_magnitude(header.get16())) {}
    bool ok() const noexcept { return wire_value<Value>::sane(magnitude_) && magnitude_ > Value(); }
    Value get(bit_reader& bits) const noexcept { return bits.get(1) != 0 ? -magnitude_ : magnitude_; }
    static bool sane(Value) noexcept { return true; }

   private:
    Value magnitude_;
  };

  /// The sending half: takes sign * magnitude out of each cell.
  template <class Grid>
  class sign_coder {
   public:
    typedef typename Grid::cell cell;
    typedef typename Grid::value value;

    sign_coder(Grid grid, float magnitude) noexcept
        : grid_(grid), magnitude_(grid.magnitude_of(magnitude)), amount_(grid.cells(magnitude_)) {}

    void put_header(byte_writer& w) const noexcept { w.put16(wire_value<value>::to_magnitude(magnitude_)); }
    void put(bit_writer& bits, cell& c) noexcept {
      const bool negative = is_negative(c);
      bits.put(negative ? 1 : 0, 1);
      Grid::take(c, negative ? -amount_ : amount_);
    }

   protected:
    Grid grid_;
    value magnitude_;
    decltype(declval<Grid>().cells(value())) amount_;
  };
};

struct ternary_values : signs {
  struct state {
    float ratio;  // mean magnitude of what passes / Wt, over the last frames; 0: not known yet
  };

  template <class Grid>
  class coder : public signs::sign_coder<Grid> {
    typedef signs::sign_coder<Grid> base;

   public:
    typedef typename Grid::cell cell;

    coder(const ternary_values&, const state& s, Grid grid, const encode_request& request) noexcept
        : base(grid, request.wt * (s.ratio > 0 ? s.ratio : 1.25f)),
          threshold_(grid.threshold(request.wt)),
          wt_(request.wt),
          sum_(0) {}

    cell threshold() const noexcept { return threshold_; }
    void put(bit_writer& bits, cell& c) noexcept {
      sum_ += this->grid_.weight_units(c);
      base::put(bits, c);
    }
    void finish(state& s, index_t hits) const noexcept {
      if (hits == 0) return;
      const float ratio = sum_ / (wt_ * static_cast<float>(hits));
      if (!(ratio < 8.0f)) return;  // a burst: no guide for the next frame
      s.ratio = s.ratio > 0 ? s.ratio + 0.25f * (ratio - s.ratio) : ratio;
    }

   private:
    cell threshold_;
    float wt_;
    float sum_;
  };
};

}  // namespace detail

/// Sign and one magnitude per frame (Sattler et al., 2019): the mean magnitude of what passed in earlier frames, in
/// multiples of Wt, so that it is known before the pass. The difference to each cell stays in the residual.
/// Wire: 1 bit per coordinate and 2 bytes; bias: none over time, by the residual; RAM: one float.
typedef sparse<detail::ternary_values> ternary;

}  // namespace WEIR_ABI
}  // namespace weir
