// SPDX-License-Identifier: MIT
// The bodies of frames that are not updates.
#pragma once

#include <weir/core/bytes.hpp>
#include <weir/core/crc.hpp>
#include <weir/core/fixed.hpp>
#include <weir/core/float_bits.hpp>
#include <weir/core/status.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// "I am here": what a node has, so that the coordinator can tell what it lacks. A node that has just started does not
/// know where its sequence stands, and a frame of its former life may still be on its way. So it joins twice: first with
/// any number as the header's sequence, which the welcome repeats, and then with `claim`: sequences up to the header's
/// are used up.
struct join_body {
  uint32_t fingerprint;   ///< all 32 bits
  uint32_t weights_hash;  ///< wire::hash of the weights
  uint16_t round_number;  ///< of the weights
  uint16_t epoch;         ///< of the coordinator that it knows: another one does not take its claim
  uint32_t frame_bytes;   ///< the largest frame of the node, both ways
  bool claim;
  bool weightless;  ///< the weights are not those of that round: a snapshot must come

  void put(byte_writer& w) const noexcept {
    w.put32(fingerprint);
    w.put32(weights_hash);
    w.put16(round_number);
    w.put16(epoch);
    w.put_varint(frame_bytes);
    w.put8(static_cast<uint8_t>((claim ? 1 : 0) | (weightless ? 2 : 0)));
  }
  static status get(const_bytes body, join_body& j) noexcept {
    byte_reader r(body);
    j.fingerprint = r.get32();
    j.weights_hash = r.get32();
    j.round_number = r.get16();
    j.epoch = r.get16();
    j.frame_bytes = r.get_varint();
    const uint8_t flags = r.get8();
    j.claim = (flags & 1) != 0;
    j.weightless = (flags & 2) != 0;
    return r.ok() && r.rest().empty() && flags < 4 ? status::ok : status::malformed;
  }
};

/// "You are in": what a worker needs to know.
struct welcome_body {
  uint16_t ranks;
  uint16_t steps;          ///< K, batches to a round; 0: as the worker likes
  float wt;                ///< a Wt to start with, in the scale of the weights; 0: none (a bfloat16 on the wire)
  uint16_t answers;        ///< the sequence in the header of the join or ask that this answers
  uint16_t last_sequence;  ///< used up by this rank: the worker continues after it
  uint16_t epoch;          ///< of the coordinator: another one each time that it starts without what it knew
  bool snapshot;           ///< the worker's weights are not the fleet's: it must take a snapshot
  bool counted;            ///< an update of this rank has been counted in the open round already
  bool behind;             ///< ask for the broadcasts after yours, then join again

  void put(byte_writer& w) const noexcept {
    w.put16(ranks);
    w.put16(steps);
    w.put16(to_bfloat16(wt));
    w.put16(answers);
    w.put16(last_sequence);
    w.put16(epoch);
    w.put8(static_cast<uint8_t>((snapshot ? 1 : 0) | (counted ? 2 : 0) | (behind ? 4 : 0)));
  }
  static status get(const_bytes body, welcome_body& b) noexcept {
    byte_reader r(body);
    b.ranks = r.get16();
    b.steps = r.get16();
    const uint16_t wt = r.get16();
    b.wt = from_bfloat16(wt);
    b.answers = r.get16();
    b.last_sequence = r.get16();
    b.epoch = r.get16();
    const uint8_t flags = r.get8();
    b.snapshot = (flags & 1) != 0;
    b.counted = (flags & 2) != 0;
    b.behind = (flags & 4) != 0;
    const bool sane = flags < 8 && b.ranks > 0 && wt < 0x7f80;
    return r.ok() && r.rest().empty() && sane ? status::ok : status::malformed;
  }
};

/// "Send me": the broadcast after mine, or a piece of the weights.
struct ask_body {
  uint16_t round_number;  ///< of the asker's weights
  bool piece;             ///< false: the next broadcast
  uint32_t first;         ///< piece: index of its first weight

  void put(byte_writer& w) const noexcept {
    w.put16(round_number);
    if (piece) w.put_varint(first);
  }
  static status get(const_bytes body, ask_body& a) noexcept {
    byte_reader r(body);
    a.round_number = r.get16();
    a.piece = !r.rest().empty();
    a.first = a.piece ? r.get_varint() : 0;
    return r.ok() && r.rest().empty() ? status::ok : status::malformed;
  }
};

namespace wire {

/// A weight as bytes: a float's four, a fixed-point number's own, little-endian.
inline void put_weight(uint8_t* to, float w) noexcept { store32(to, float_bits(w)); }
inline void get_weight(const uint8_t* from, float& w) noexcept { w = float_of_bits(load32(from)); }
template <class Rep, int8_t F>
void put_weight(uint8_t* to, fixed<Rep, F> w) noexcept {
  static_assert(sizeof(Rep) <= 2, "weir: fixed-point weights have 8 or 16 bits");
  to[0] = static_cast<uint8_t>(w.raw & 0xff);
  if (sizeof(Rep) == 2) to[1] = static_cast<uint8_t>((w.raw >> 8) & 0xff);
}
template <class Rep, int8_t F>
void get_weight(const uint8_t* from, fixed<Rep, F>& w) noexcept {
  w.raw = static_cast<Rep>(sizeof(Rep) == 2 ? load16(from) : from[0]);
}

/// CRC-32C of the weights as bytes: equal on every platform if the weights are.
template <class Weight>
uint32_t hash(const Weight* w, index_t n) noexcept {
  uint32_t crc = 0;
  uint8_t one[4];
  for (index_t i = 0; i < n; ++i) {
    put_weight(one, w[i]);
    crc = crc32c(const_bytes(one, sizeof(Weight)), crc);
  }
  return crc;
}

}  // namespace wire
}  // namespace WEIR_ABI
}  // namespace weir
