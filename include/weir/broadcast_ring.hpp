// SPDX-License-Identifier: MIT
#pragma once

#include <weir/core/span.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// The last Size broadcasts, for those that missed one. All-zero at first.
template <size_t FrameBytes, uint8_t Size>
class broadcast_ring {
  static_assert(Size >= 1, "weir: a coordinator keeps at least one broadcast");
  static_assert((Size & (Size - 1)) == 0, "weir: Ring must be a power of two, because round numbers wrap");

 public:
  /// Where the next one is written.
  bytes room(uint16_t round_number) noexcept { return bytes(frames_[round_number % Size]); }
  const_bytes keep(uint16_t round_number, size_t size) noexcept {
    sizes_[round_number % Size] = size;
    if (kept_ < Size) kept_ = static_cast<uint8_t>(kept_ + 1);
    return (*this)[round_number];
  }
  /// Is what a node needs here that has missed so many?
  bool has(uint16_t missed) const noexcept { return missed >= 1 && missed <= kept_; }
  const_bytes operator[](uint16_t round_number) const noexcept {
    return const_bytes(frames_[round_number % Size], sizes_[round_number % Size]);
  }

 private:
  size_t sizes_[Size];
  uint8_t frames_[Size][FrameBytes];
  uint8_t kept_;
};

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
