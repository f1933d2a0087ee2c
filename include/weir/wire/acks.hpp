// SPDX-License-Identifier: MIT
// Acknowledgements that ride on a broadcast: which ranks were counted in the round it closes.
//
//   byte 0   bits 6-7: 0 bitmap, 1 list of the counted, 2 list of the missing, 3 says nothing; bits 0-4: Rice parameter
//   bitmap   one bit a rank, rank 0 in bit 0 of the first byte; (ranks + 7) / 8 bytes
//   list     number of entries (LEB128), then gaps between ranks by Rice's code, ones fill the last byte
//
// The shortest that fits is taken; where none fits, workers ask by sending again.
#pragma once

#include <weir/core/bytes.hpp>
#include <weir/core/status.hpp>
#include <weir/encoder/rice.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace wire {
namespace detail {

inline bool bit_of(const uint8_t* bits, uint16_t i) noexcept { return ((bits[i >> 3] >> (i & 7)) & 1) != 0; }

/// Calls visit(rank) for each of `ranks` whose bit equals `value`.
template <class Visit>
void each_rank(const uint8_t* counted, uint16_t ranks, bool value, Visit&& visit) noexcept {
  for (uint16_t i = 0; i < ranks; ++i)
    if (bit_of(counted, i) == value) visit(i);
}

/// Gaps between ranks, as symbols of a code.
struct gaps {
  weir::detail::rice_code code;
  uint16_t next;

  weir::detail::rice_symbol to(uint16_t rank) noexcept {
    const index_t gap = static_cast<index_t>(rank - next);
    next = static_cast<uint16_t>(rank + 1);
    return weir::detail::rice_symbol(gap, code);
  }
};

struct cost_of_ranks {
  gaps from;
  uint32_t bits;
  void operator()(uint16_t rank) noexcept { bits += from.to(rank).bits(from.code); }
};

struct write_ranks {
  gaps from;
  bit_writer& bits;
  void operator()(uint16_t rank) noexcept { from.to(rank).put(bits, from.code, 0); }
};

}  // namespace detail

/// Writes which of `ranks` are counted (a bitmap of them), in at most out.size() >= 1 bytes; returns the size.
inline size_t put_acks(const uint8_t* counted, uint16_t ranks, bytes out) noexcept {
  uint16_t present = 0;
  for (uint16_t i = 0; i < ranks; ++i) present = static_cast<uint16_t>(present + (detail::bit_of(counted, i) ? 1 : 0));
  const bool missing = ranks - present < present;
  const uint16_t entries = missing ? static_cast<uint16_t>(ranks - present) : present;
  const uint8_t l = weir::detail::rice_parameter(ranks, entries);
  const detail::gaps gaps = {weir::detail::rice_code(l, weir::detail::index_bits(ranks), 0), 0};

  detail::cost_of_ranks cost = {gaps, 0};
  detail::each_rank(counted, ranks, !missing, cost);
  const size_t list = 1 + (entries < 0x80 ? 1u : entries < 0x4000 ? 2u : 3u) + static_cast<size_t>((cost.bits + 7) / 8);
  const size_t bitmap = 1 + (static_cast<size_t>(ranks) + 7) / 8;

  byte_writer w(out);
  if (list < bitmap && list <= out.size()) {
    w.put8(static_cast<uint8_t>((missing ? 0x80 : 0x40) | l));
    w.put_varint(entries);
    bit_writer bits(w.rest());
    detail::write_ranks write = {gaps, bits};
    detail::each_rank(counted, ranks, !missing, write);
    w.skip(static_cast<size_t>(bits.finish() - w.rest().data()));
  } else if (bitmap <= out.size()) {
    w.put8(0);
    for (size_t i = 0; i + 1 < bitmap; ++i) w.put8(counted[i]);
  } else {
    w.put8(0xc0);
  }
  return w.size();
}

/// Reads what put_acks wrote, and takes it from `r`: was `rank` counted? Any bytes give an answer; r.ok() tells
/// whether it is one.
inline status get_acks(byte_reader& r, uint16_t ranks, uint16_t rank, bool& counted) noexcept {
  const uint8_t first = r.get8();
  const uint8_t mode = static_cast<uint8_t>(first >> 6);
  counted = false;
  if (mode == 3) return first == 0xc0 ? status::ok : status::malformed;
  if (mode == 0) {
    if (first != 0) return status::malformed;
    const uint8_t* const bits = r.rest().data();
    r.skip((static_cast<size_t>(ranks) + 7) / 8);
    if (!r.ok()) return status::malformed;
    counted = detail::bit_of(bits, rank);
    return status::ok;
  }
  const uint8_t l = first & 0x1f;
  const uint32_t entries = r.get_varint();
  if (!r.ok() || (first & 0x20) != 0 || l > weir::detail::rice_most() || entries > ranks) return status::malformed;
  const uint8_t raw_bits = weir::detail::index_bits(ranks);
  bit_reader bits(r.rest());
  uint16_t next = 0;
  bool listed = false;
  for (uint16_t i = static_cast<uint16_t>(entries); i != 0; --i) {
    const uint32_t gap = weir::detail::get_rice(bits, l, raw_bits);
    if (bits.over() || gap >= static_cast<uint16_t>(ranks - next)) return status::malformed;
    next = static_cast<uint16_t>(next + gap);
    listed = listed || next == rank;
    ++next;
  }
  r.skip(r.rest().size() - bits.left() / 8);
  counted = listed == (mode == 1);
  return status::ok;
}

}  // namespace wire
}  // namespace WEIR_ABI
}  // namespace weir
