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
    explicit decoder(byte_reader& header) noexcept {
      values_[0] = wire_value<Value>::from_magnitude(header.get16());
      values_[1] = -values_[0];
    }
    bool ok() const noexcept { return wire_value<Value>::sane(values_[0]) && values_[0] > Value(); }
    Value get(bit_reader& bits) const noexcept { return values_[bits.get(1)]; }
    static bool sane(Value) noexcept { return true; }

   private:
    Value values_[2];  // by sign: to branch on a sign is to guess it wrong
  };

  /// The sending half: takes sign * magnitude out of each cell.
  template <class Grid>
  class sign_coder {
   public:
    typedef typename Grid::cell cell;
    typedef typename Grid::value value;
    typedef decltype(declval<Grid>().cells(value())) amount;

    sign_coder(Grid grid, cell threshold, value magnitude) noexcept
        : grid_(grid), threshold_(threshold), magnitude_(magnitude), amount_(grid.cells(magnitude)) {}

    cell threshold() const noexcept { return threshold_; }
    static constexpr bool wants(const cell&) noexcept { return true; }
    void put_header(byte_writer& w) const noexcept { w.put16(wire_value<value>::to_magnitude(magnitude_)); }
    /// The value's bits.
    static uint8_t code(const cell& c) noexcept { return is_negative(c) ? 1 : 0; }
    void take(cell& c) const noexcept { Grid::take(c, with_sign_of(c, amount_)); }
    /// The first n; the others are of no account.
    void take(cell (&c)[32], index_t) const noexcept {
      for (index_t i = 0; i < 32; ++i) take(c[i]);
    }

   protected:
    Grid grid_;
    cell threshold_;
    value magnitude_;
    amount amount_;
  };
};

struct ternary_values : signs {
  struct state {
    uint16_t ratio;  // mean magnitude of what passes / Wt, over the last frames, in 2^-13; 0: not known yet
  };

  template <class Grid>
  class coder : public signs::sign_coder<Grid> {
    typedef signs::sign_coder<Grid> base;

   public:
    typedef typename Grid::cell cell;

    coder(const ternary_values&, const state& s, Grid grid, const encode_request& request) noexcept
        : coder(grid, grid.threshold(request.wt), s.ratio != 0 ? s.ratio : first_ratio()) {}

    void take(cell& c) noexcept {
      if (summed_ != 0xffff) {  // of more, the first are example enough
        ratio_.add(c);
        ++summed_;
      }
      base::take(c);
    }
    void take(cell (&c)[32], index_t n) noexcept {
      if (n == 32 && summed_ <= 0xffff - 32) {
        for (index_t i = 0; i < 32; ++i) ratio_.add(c[i]);
        summed_ = static_cast<uint16_t>(summed_ + 32);
        base::take(c, n);
      } else {
        for (index_t i = 0; i < n; ++i) take(c[i]);
      }
    }
    void finish(state& s) const noexcept {
      if (summed_ == 0) return;
      const uint16_t ratio = ratio_.mean(summed_);
      if (ratio == 0) return;  // a burst: no guide for the next frame
      s.ratio = s.ratio != 0 ? static_cast<uint16_t>(s.ratio - s.ratio / 4 + ratio / 4) : ratio;
    }

   private:
    coder(Grid grid, cell threshold, uint16_t ratio) noexcept
        : base(grid, threshold, grid.magnitude_of(threshold, ratio)), ratio_(threshold), summed_(0) {}
    static constexpr uint16_t first_ratio() noexcept { return 10240; }  // 1.25

    typename Grid::mean_ratio ratio_;
    uint16_t summed_;
  };
};

}  // namespace detail

/// Sign and one magnitude per frame (Sattler et al., 2019): the mean magnitude of what passed in earlier frames, in
/// multiples of Wt, so that it is known before the pass. The difference to each cell stays in the residual.
/// Wire: 1 bit per coordinate and 2 bytes; bias: none over time, by the residual; RAM: 2 bytes.
typedef sparse<detail::ternary_values> ternary;

}  // namespace WEIR_ABI
}  // namespace weir
