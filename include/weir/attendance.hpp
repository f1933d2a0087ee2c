// SPDX-License-Identifier: MIT
#pragma once

#include <string.h>

#include <weir/core/serial.hpp>
#include <weir/wire/acks.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// Who has been counted in the open round, who has left, and the last sequence of each rank. 2 bytes and two bits a rank;
/// all-zero at first.
template <uint16_t MaxRanks>
class attendance {
 public:
  uint16_t counted() const noexcept { return counted_; }
  bool is_counted(uint16_t rank) const noexcept { return wire::detail::bit_of(bits_, rank); }
  /// One bit a rank, rank 0 in bit 0 of the first byte.
  const uint8_t* bits() const noexcept { return bits_; }

  uint16_t last_sequence(uint16_t rank) const noexcept { return last_[rank]; }
  bool is_new(uint16_t rank, uint16_t sequence) const noexcept { return later(sequence, last_[rank]); }
  /// Nobody else may use it, or one before it.
  void use(uint16_t rank, uint16_t sequence) noexcept { last_[rank] = sequence; }

  void count(uint16_t rank) noexcept {
    if (is_counted(rank)) return;
    bits_[rank >> 3] = static_cast<uint8_t>(bits_[rank >> 3] | (1u << (rank & 7)));
    counted_ = static_cast<uint16_t>(counted_ + 1);
  }
  /// Ranks that no round waits for.
  uint16_t away() const noexcept { return away_; }
  void set_away(uint16_t rank, bool away) noexcept {
    if (wire::detail::bit_of(left_, rank) == away) return;
    left_[rank >> 3] = static_cast<uint8_t>(left_[rank >> 3] ^ (1u << (rank & 7)));
    away_ = static_cast<uint16_t>(away ? away_ + 1 : away_ - 1);
  }
  void open_round() noexcept {
    counted_ = 0;
    memset(bits_, 0, sizeof bits_);
  }

 private:
  uint16_t last_[MaxRanks];
  uint16_t counted_;
  uint16_t away_;
  uint8_t bits_[(MaxRanks + 7) / 8];
  uint8_t left_[(MaxRanks + 7) / 8];
};

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
