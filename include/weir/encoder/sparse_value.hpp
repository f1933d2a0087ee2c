// SPDX-License-Identifier: MIT
#pragma once

#include <weir/core/wire_value.hpp>
#include <weir/encoder/sparse.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// Every coordinate with a value of its own.
template <uint8_t Bits>
struct own_values {
  static constexpr uint32_t id() noexcept { return mix(name_id("values"), Bits); }
  static constexpr bool needs_wt() noexcept { return false; }
  static constexpr uint8_t bits() noexcept { return Bits; }

  struct state {};

  template <class Grid>
  class coder {
   public:
    typedef typename Grid::cell cell;
    typedef typename Grid::value value;

    coder(const own_values&, const state&, Grid grid, const encode_request& request) noexcept
        : grid_(grid), threshold_(grid.threshold(request.wt)) {}

    cell threshold() const noexcept { return threshold_; }
    static constexpr bool wants(const cell&) noexcept { return true; }
    void put_header(byte_writer&) const noexcept {}
    uint32_t code(const cell& c) const noexcept {
      return Bits == 16 ? wire_value<value>::to16(sent(c)) : wire_value<value>::to32(sent(c));
    }
    void take(cell& c) const noexcept { Grid::take(c, grid_.cells(sent(c))); }
    void finish(state&) const noexcept {}

   private:
    value sent(const cell& c) const noexcept {
      return Bits == 16 ? wire_value<value>::narrow16(grid_.whole(c)) : grid_.whole(c);
    }

    Grid grid_;
    cell threshold_;
  };

  template <class Value>
  class decoder {
   public:
    explicit decoder(byte_reader&) noexcept {}
    static constexpr bool ok() noexcept { return true; }
    static Value get(bit_reader& bits) noexcept {
      const uint32_t low = bits.get(16);
      if (Bits == 16) return wire_value<Value>::from16(static_cast<uint16_t>(low));
      return wire_value<Value>::from32(low | (bits.get(16) << 16));
    }
    static bool sane(Value v) noexcept { return wire_value<Value>::sane(v); }
  };
};

}  // namespace detail

/// Deep gradient compression (Lin et al., ICLR 2018): the value is sent and the cell cleared. 32 bits a value: a float,
/// or a count of weight units. RAM: none.
typedef sparse<detail::own_values<32>> sparse32;

/// The same in 16 bits: a half-precision float, or a count of weight units. What rounding leaves stays in the residual.
typedef sparse<detail::own_values<16>> sparse16;

}  // namespace WEIR_ABI
}  // namespace weir
