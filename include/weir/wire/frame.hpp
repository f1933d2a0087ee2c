// SPDX-License-Identifier: MIT
// The envelope of every message: header, body, check. README.md beside this file has it to the bit.
#pragma once

#include <string.h>

#include <weir/core/bytes.hpp>
#include <weir/core/crc.hpp>
#include <weir/core/status.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// What a frame is. Below 8: from a worker, with rank and sequence. From 8 on: from a coordinator.
enum class frame_kind : uint8_t {
  update = 1,            ///< body: an encoder's
  join = 2,              ///< body: join_body
  ask = 3,               ///< body: ask_body
  leave = 4,             ///< no body
  broadcast = 8,         ///< body: an encoder's; every rank was counted in this round
  broadcast_some = 9,    ///< body: acknowledgements (weir/wire/acks.hpp), then an encoder's
  welcome = 10,          ///< to one rank; body: welcome_body
  piece = 11,            ///< to one rank; body: index of the first weight (LEB128), weights
  acknowledgement = 12,  ///< to one rank; body: sequence, 2 bytes
  refusal = 13,          ///< to one rank; body: status, 1 byte
  farewell = 14          ///< to one rank; no body: it has left
};

/// Which fields of the header a kind has.
constexpr bool from_worker(frame_kind k) noexcept { return static_cast<uint8_t>(k) < 8; }
constexpr bool is_broadcast(frame_kind k) noexcept {
  return k == frame_kind::broadcast || k == frame_kind::broadcast_some;
}

/// Is it for one life of the coordinator only? Not that by which nodes find one another.
constexpr bool has_epoch(frame_kind k) noexcept {
  return k != frame_kind::join && k != frame_kind::welcome && k != frame_kind::refusal;
}

/// The header's fields. `round_number` of a worker's frame: the round whose broadcast its weights have, of which only the
/// low 8 bits travel; of a coordinator's frame: the round that this is about, 16 bits.
struct frame_header {
  frame_kind kind;
  uint16_t fingerprint;  ///< wire::tag() of the fleet's
  uint16_t rank;         ///< sender or receiver; broadcasts have none. Less than 16,384
  uint16_t sequence;     ///< worker's frames only: of its last update
  uint16_t round_number;
};

namespace wire {

constexpr uint8_t protocol_version() noexcept { return 1; }
/// Ranks that a header can name.
constexpr uint16_t max_ranks() noexcept { return 0x4000; }
constexpr size_t check_bytes() noexcept { return 4; }
/// Header and check take at most this.
constexpr size_t max_overhead() noexcept { return 14; }

/// A header's fingerprint: the low half of the fleet's, and in all kinds with an epoch each bit of that turned which is 1
/// in the epoch. So what was said to another life of the coordinator is for nobody.
constexpr uint16_t tag(uint32_t fingerprint, uint16_t epoch, frame_kind k) noexcept {
  return static_cast<uint16_t>((fingerprint & 0xffff) ^ (has_epoch(k) ? epoch : 0u));
}

/// Bytes of the header in front of a body of `body` bytes.
constexpr size_t header_bytes(frame_kind k, uint16_t rank, size_t body) noexcept {
  return 3 + (from_worker(k) ? 3 : 2) + (is_broadcast(k) ? 0 : (rank < 0x80 ? 1 : 2)) +
         ((body & 0x3fff) < 0x80 ? 1 : 2);
}

/// Where the body of a frame may be written, inside `frame`; empty if nothing fits.
inline bytes body_room(frame_kind k, uint16_t rank, bytes frame) noexcept {
  const size_t head = header_bytes(k, rank, 0x80);
  return frame.size() <= head + check_bytes() ? bytes()
                                              : bytes(frame.data() + head, frame.size() - head - check_bytes());
}

/// Puts the header in front of `body` bytes that stand in body_room, and the check behind; returns the frame's size.
inline size_t seal(const frame_header& h, size_t body, bytes frame) noexcept {
  const size_t head = header_bytes(h.kind, h.rank, body);
  const size_t assumed = header_bytes(h.kind, h.rank, 0x80);
  if (head != assumed) memmove(frame.data() + head, frame.data() + assumed, body);
  byte_writer w(frame);
  w.put8(static_cast<uint8_t>((protocol_version() << 4) | static_cast<uint8_t>(h.kind)));
  w.put16(h.fingerprint);
  if (!is_broadcast(h.kind)) w.put_varint(h.rank);
  if (from_worker(h.kind)) {
    w.put16(h.sequence);
    w.put8(static_cast<uint8_t>(h.round_number & 0xff));
  } else {
    w.put16(h.round_number);
  }
  w.put_varint(static_cast<uint32_t>(body & 0x3fff));
  w.skip(body);
  w.put32(crc32c(const_bytes(frame.data(), w.size())));
  return w.size();
}

/// Reads an envelope. ok: `h` and `body` are set, the check is right. Any bytes give a status; if another, `h` and `body`
/// say nothing.
inline status open(const_bytes frame, frame_header& h, const_bytes& body) noexcept {
  if (frame.empty()) return status::truncated;
  if (frame[0] >> 4 != protocol_version()) return status::wrong_version;
  const uint8_t k = frame[0] & 0x0f;
  if (k == 0 || (k >= 5 && k <= 7) || k == 15) return status::wrong_kind;
  h.kind = static_cast<frame_kind>(k);
  if (frame.size() < header_bytes(h.kind, 0, 0) + check_bytes()) return status::truncated;
  byte_reader r(frame.after(1));
  h.fingerprint = r.get16();
  const uint32_t rank = is_broadcast(h.kind) ? 0 : r.get_varint();
  h.rank = static_cast<uint16_t>(rank);
  h.sequence = from_worker(h.kind) ? r.get16() : uint16_t(0);
  h.round_number = from_worker(h.kind) ? r.get8() : r.get16();
  const uint32_t length = r.get_varint();
  const size_t rest = r.rest().size();
  if (!r.ok()) return status::damaged;
  if (rest < check_bytes()) return status::truncated;
  if (((rest - check_bytes()) & 0x3fff) != length)
    return rest - check_bytes() < length ? status::truncated : status::damaged;
  const size_t whole = frame.size() - check_bytes();
  if (crc32c(frame.first(whole)) != load32(frame.data() + whole) || rank >= max_ranks()) return status::damaged;
  body = r.rest().first(rest - check_bytes());
  return status::ok;
}

}  // namespace wire
}  // namespace WEIR_ABI
}  // namespace weir
