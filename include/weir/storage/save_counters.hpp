// SPDX-License-Identifier: MIT
#pragma once

#include <weir/core/bytes.hpp>
#include <weir/core/serial.hpp>
#include <weir/policy/saving.hpp>
#include <weir/storage/slots.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// Saves sequence, round number, ranks and epoch: 26 bytes of an EEPROM, written once for Block frames, because sequences are
/// reserved ahead. A byte that may be written 100,000 times so lasts for 2 * Block * 100,000 frames.
///
/// After a reset the node goes on behind all that was reserved, so no sequence is used twice, and joins in one step instead
/// of two. The residual and a frame in flight are written off: a residual that is not saved with each frame, before it
/// leaves, may still have what a later frame carried off. (save_state does that, in 8 bits where room is scarce.) The
/// weights come as a snapshot.
///
/// The storage is a value. If it is too small nothing is saved, as worker::saves() says; where its size is known to the
/// compiler, that does not compile.
template <class Storage, uint16_t Block = 64>
class save_counters : private detail::require_storage<Storage> {
  static_assert(Block >= 1 && Block <= 0x1000, "weir: a block of sequences is 1 to 4,096");
  typedef weir::slots<2> slots;

  struct record {
    uint8_t data[8];
    static constexpr size_t size() noexcept { return sizeof data; }
    uint8_t get(size_t at) const noexcept { return data[at]; }
    void set(size_t at, uint8_t b) noexcept { data[at] = b; }
  };

 public:
  Storage storage;

  constexpr explicit save_counters(Storage storage_ = Storage()) noexcept : storage(storage_) {}

  static constexpr recovery most() noexcept { return recovery::counters; }
  size_t room() const noexcept { return storage.size(); }

  template <class Number, index_t N, size_t FrameBytes>
  struct state {
    static_assert(weir::slots<2>::bytes(8) <= detail::known_size<Storage>::value,
                  "weir: the storage is too small for the counters; worker::saved_bytes() tells what is needed");
    weir::slots<2> saved;
    uint32_t identity;
    uint16_t reserved;  // sequences up to this one are, if any
    uint16_t next;      // up to here by the save under way
    bool any;
  };
  template <class Number, index_t N, size_t FrameBytes>
  static constexpr size_t bytes() noexcept {
    return slots::bytes(record::size());
  }

  template <class State, class Life>
  recovery restore(State& s, uint32_t identity, Life& life) noexcept {
    s.identity = identity;
    record r = {{0, 0, 0, 0, 0, 0, 0, 0}};
    if (!s.saved.load(storage, identity, r)) return recovery::nothing;
    s.any = true;
    s.reserved = life.sequence = load16(r.data);
    life.round_number = load16(r.data + 2);
    life.ranks = load16(r.data + 4);
    life.epoch = load16(r.data + 6);
    return recovery::counters;
  }

  template <class State, class Life>
  bool ready(State& s, const Life& life) noexcept {
    if (storage.size() < slots::bytes(record::size())) return true;
    if (s.any && within(life.sequence, s.reserved)) return true;
    if (!s.saved.saving() || !within(life.sequence, s.next)) {
      s.next = static_cast<uint16_t>(life.sequence + (Block - 1));
      s.saved.start(s.identity);
    }
    record r;
    store16(r.data, s.next);
    store16(r.data + 2, life.round_number);
    store16(r.data + 4, life.ranks);
    store16(r.data + 6, life.epoch);
    if (!s.saved.proceed(storage, r)) return false;
    s.any = true;
    s.reserved = s.next;
    return true;
  }

 private:
  // Is it one of the block that ends with `last`?
  static bool within(uint16_t sequence, uint16_t last) noexcept {
    return static_cast<uint16_t>(last - sequence) < Block;
  }
};

}  // namespace WEIR_ABI
}  // namespace weir
