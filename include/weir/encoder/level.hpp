// SPDX-License-Identifier: MIT
// A value as a sign and a multiple of one step: what sparse8 and levels have in common.
#pragma once

#include <weir/core/bits.hpp>
#include <weir/core/bytes.hpp>
#include <weir/core/fingerprint.hpp>
#include <weir/core/wire_value.hpp>
#include <weir/encoder/largest_value.hpp>
#include <weir/policy/encoder.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// How many steps are in `size` >= 0, at most `most`. `chance` / 2^16 of a step is added first: 0 rounds towards zero,
/// uniform bits round to either neighbour so that the mean is exact.
inline uint8_t level_of(float size, float step, uint8_t most, uint16_t chance) noexcept {
  const float level = size / step + static_cast<float>(chance) * (1.0f / 65536.0f);
  return level < static_cast<float>(most) ? static_cast<uint8_t>(level) : most;
}
inline uint8_t level_of(int32_t size, int32_t step, uint8_t most, uint16_t chance) noexcept {
  const uint32_t unit = static_cast<uint32_t>(step);  // at most 65,535
  const uint32_t level = (static_cast<uint32_t>(size) + ((unit * chance) >> 16)) / unit;
  return level < most ? static_cast<uint8_t>(level) : most;
}

/// Bit 0: the sign; above it the level, in Bits - 1 bits. The header is the step.
template <uint8_t Bits>
struct level_values {
  static constexpr uint32_t id() noexcept { return mix(name_id("level"), Bits); }
  static constexpr uint8_t bits() noexcept { return Bits; }
  static constexpr uint8_t most() noexcept { return static_cast<uint8_t>((1u << (Bits - 1)) - 1); }

  template <class Grid>
  class level_coder {
   public:
    typedef typename Grid::cell cell;
    typedef typename Grid::value value;

    /// A step as grid.magnitude_of() makes it.
    level_coder(Grid grid, value step) noexcept
        : grid_(grid), step_(step), largest_(largest_value(grid)), sent_(value()) {}

    static constexpr bool wants(const cell&) noexcept { return true; }
    void put_header(byte_writer& w) const noexcept { w.put16(wire_value<value>::to_magnitude(step_)); }
    /// What code() has said leaves the cell.
    void take(cell& c) const noexcept { Grid::take(c, grid_.cells(sent_)); }

   protected:
    uint8_t code(const cell& c, uint16_t chance) noexcept {
      const value whole = grid_.whole(c);
      const bool negative = whole < value();
      uint8_t level = level_of(negative ? -whole : whole, step_, most(), chance);
      value size = static_cast<value>(level) * step_;
      if (size > largest_) size = static_cast<value>(--level) * step_;
      sent_ = negative ? -size : size;
      return static_cast<uint8_t>((level << 1) | (negative ? 1 : 0));
    }

    Grid grid_;
    value step_;
    value largest_;
    value sent_;
  };

  template <class Value>
  class decoder {
   public:
    explicit decoder(byte_reader& header) noexcept : step_(wire_value<Value>::from_magnitude(header.get16())) {}
    bool ok() const noexcept { return wire_value<Value>::sane(step_) && step_ > Value(); }
    Value get(bit_reader& from) const noexcept {
      const uint8_t code = static_cast<uint8_t>(from.get(Bits));
      const Value size = static_cast<Value>(code >> 1) * step_;
      return (code & 1) != 0 ? -size : size;
    }
    static bool sane(Value v) noexcept { return wire_value<Value>::sane(v); }

   private:
    Value step_;
  };
};

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
