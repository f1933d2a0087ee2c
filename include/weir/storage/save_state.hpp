// SPDX-License-Identifier: MIT
#pragma once

#include <weir/core/bytes.hpp>
#include <weir/core/fingerprint.hpp>
#include <weir/core/fixed.hpp>
#include <weir/policy/saving.hpp>
#include <weir/storage/cell_format.hpp>
#include <weir/storage/slots.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// Cells of a residual, saved as they are.
struct whole_cells {
  template <class Residual>
  struct codec {
    static constexpr uint32_t id() noexcept { return 1; }
    static constexpr size_t bytes() noexcept { return sizeof(Residual); }
    static uint8_t shift(const Residual*, index_t) noexcept { return 0; }
    static uint8_t get(const Residual* cells, size_t at, uint8_t) noexcept {
      return reinterpret_cast<const uint8_t*>(cells)[at];
    }
    static void set(Residual* cells, size_t at, uint8_t b, uint8_t) noexcept {
      reinterpret_cast<uint8_t*>(cells)[at] = b;
    }
  };
};

/// Cells of a fixed-point residual, saved in 8 bits: as many low bits are left out as the largest cell needs. They are
/// written off when the residual comes back, which so is never larger than it was.
struct narrow_cells {
  template <class Residual>
  struct codec {
    static_assert(sizeof(Residual) == 0, "weir: only a fixed-point residual can be saved in 8 bits");
  };
  template <class Rep, int8_t F>
  struct codec<fixed<Rep, F>> {
    typedef fixed<Rep, F> residual;
    static constexpr uint32_t id() noexcept { return 2; }
    static constexpr size_t bytes() noexcept { return 1; }
    static uint8_t shift(const residual* cells, index_t n) noexcept {
      uint32_t all = 0;
      for (index_t i = 0; i < n; ++i) all |= size_of(cells[i]);
      uint8_t s = 0;
      for (; all > 127; all >>= 1) ++s;
      return s;
    }
    static uint8_t get(const residual* cells, size_t at, uint8_t shift) noexcept {
      uint32_t m = size_of(cells[at]) >> shift;
      if (m > 127) m = 127;  // it has grown since
      return static_cast<uint8_t>(cells[at].raw < 0 ? 0u - m : m);
    }
    static void set(residual* cells, size_t at, uint8_t b, uint8_t shift) noexcept {
      const bool negative = b > 127;
      const uint32_t m = static_cast<uint32_t>(negative ? 256u - b : b) << shift;
      cells[at].raw = static_cast<Rep>(negative ? 0u - m : m);
    }

   private:
    static uint32_t size_of(residual c) noexcept {
      const uint32_t u = static_cast<uint32_t>(static_cast<int32_t>(c.raw));
      return c.raw < 0 ? 0u - u : u;
    }
  };
};

/// Saves sequence, round number, ranks, the frame in flight and the residual behind it, before the frame leaves; with
/// Weights those too. In FRAM, a file, flash whose driver spreads its wear; an EEPROM lasts for 2 * 100,000 frames.
///
/// After a reset the node goes on with that frame in flight, and with the residual as it was when the frame was made, or,
/// cell by cell, somewhat later, while it was being saved. What was trained since is as if it had never been; nothing is
/// written off (but the low bits of narrow_cells), and nothing counts twice. If the coordinator knows a later frame than
/// the record (the node ran without its storage meanwhile) the record's residual is written off.
///
/// Momentum, local weights and the threshold's state start anew. Without Weights, or when a broadcast came during the
/// save, the weights come as a snapshot.
///
/// A save streams from the node's memory: no second copy. Until it is complete the frame is held back, and new updates
/// gather in the residual: an EEPROM takes up to 3.3 ms a byte. A storage that takes nothing any more silences the node.
/// The storage is a value. If it is too small nothing is saved, as worker::saves() says; where its size is known to the
/// compiler, that does not compile.
template <class Storage, class Cells = whole_cells, bool Weights = false>
class basic_save_state : private detail::require_storage<Storage> {
 public:
  Storage storage;

  constexpr explicit basic_save_state(Storage storage_ = Storage()) noexcept : storage(storage_) {}

  static constexpr recovery most() noexcept { return Weights ? recovery::all : recovery::state; }
  size_t room() const noexcept { return storage.size(); }

  template <class Number, index_t N, size_t FrameBytes>
  static constexpr size_t bytes() noexcept {
    return slots<2>::bytes(record<Number, N, FrameBytes>::size());
  }

  template <class Number, index_t N, size_t FrameBytes>
  struct state {
    static_assert(
        basic_save_state::bytes<Number, N, FrameBytes>() <= detail::known_size<Storage>::value,
        "weir: the storage is too small for the node's state; worker::saved_bytes() tells what is needed, and "
        "save_state8 and save_counters need less");
    slots<2> saved;
    uint32_t identity;
    uint32_t last;          // update of the last record, if any
    uint32_t next;          // the one that is being saved
    uint16_t round_number;  // when that began
    uint8_t shift;
    bool any;
  };

  template <class Number, index_t N, size_t FrameBytes>
  recovery restore(state<Number, N, FrameBytes>& s, uint32_t identity, worker_life<Number>& life) noexcept {
    typedef record<Number, N, FrameBytes> own;
    s.identity = mix(identity, own::id());
    own r(life, 0, false);
    if (!s.saved.load(storage, s.identity, r)) return recovery::nothing;
    r.finish(life);
    s.last = update_of(life);
    s.any = true;
    return r.whole() ? recovery::all : recovery::state;
  }

  template <class Number, index_t N, size_t FrameBytes>
  bool ready(state<Number, N, FrameBytes>& s, const worker_life<Number>& life) noexcept {
    typedef record<Number, N, FrameBytes> own;
    if (s.any && s.last == update_of(life)) return true;
    if (storage.size() < bytes<Number, N, FrameBytes>()) return true;
    if (!s.saved.saving() || s.next != update_of(life)) {
      s.next = update_of(life);
      s.round_number = life.round_number;
      s.shift = own::codec::shift(life.cells, N);
      s.saved.start(s.identity);
    }
    if (!s.saved.proceed(storage, own(life, s.shift, life.round_number == s.round_number))) return false;
    s.last = s.next;
    s.any = true;
    return true;
  }

 private:
  // Sequences begin anew with each epoch.
  template <class Life>
  static uint32_t update_of(const Life& life) noexcept {
    return (static_cast<uint32_t>(life.epoch) << 16) | life.sequence;
  }

  // Head, cells, weights, frame, and whether the weights are of one round: the cells begin at a multiple of 8, so that none is
  // read in two pieces.
  template <class Number, index_t N, size_t FrameBytes>
  class record {
   public:
    typedef worker_life<Number> life_type;
    typedef typename Cells::template codec<typename life_type::residual> codec;

    static constexpr uint32_t id() noexcept {
      return mix(mix(static_cast<uint32_t>(codec::id() * 2 + Weights), static_cast<uint32_t>(FrameBytes)),
                 detail::cell_format<typename life_type::residual>::id());
    }
    static constexpr size_t size() noexcept {
      return head_bytes() + cell_bytes() + weight_bytes() + FrameBytes + Weights;
    }

    record(const life_type& life, uint8_t shift, bool whole) noexcept : life_(life), whole_(whole) {
      store16(head_, life.sequence);
      store16(head_ + 2, life.round_number);
      store16(head_ + 4, life.ranks);
      store16(head_ + 6, static_cast<uint16_t>(life.frame_size));
      store16(head_ + 8, life.epoch);
      head_[10] = shift;
    }
    uint8_t get(size_t at) const noexcept {
      if (at < head_bytes()) return at < sizeof head_ ? head_[at] : uint8_t(0);
      at -= head_bytes();
      if (at < cell_bytes()) return codec::get(life_.cells, at, head_[10]);
      at -= cell_bytes();
      if (at < weight_bytes()) return reinterpret_cast<const uint8_t*>(life_.weights)[at];
      at -= weight_bytes();
      return at < FrameBytes ? life_.frame[at] : static_cast<uint8_t>(whole_);
    }
    void set(size_t at, uint8_t b) noexcept {
      if (at < head_bytes()) {
        if (at < sizeof head_) head_[at] = b;
        return;
      }
      at -= head_bytes();
      if (at < cell_bytes()) return codec::set(life_.cells, at, b, head_[10]);
      at -= cell_bytes();
      if (at < weight_bytes()) {
        reinterpret_cast<uint8_t*>(life_.weights)[at] = b;
        return;
      }
      at -= weight_bytes();
      if (at < FrameBytes)
        life_.frame[at] = b;
      else
        whole_ = b != 0;
    }
    bool whole() const noexcept { return Weights && whole_; }
    void finish(life_type& life) const noexcept {
      life.sequence = load16(head_);
      life.round_number = load16(head_ + 2);
      life.ranks = load16(head_ + 4);
      life.frame_size = load16(head_ + 6);
      life.epoch = load16(head_ + 8);
    }

   private:
    static constexpr size_t head_bytes() noexcept { return 16; }
    static constexpr size_t cell_bytes() noexcept { return N * codec::bytes(); }
    static constexpr size_t weight_bytes() noexcept { return Weights ? N * sizeof(typename life_type::weight) : 0; }

    const life_type& life_;
    uint8_t head_[11];
    bool whole_;
  };
};

/// Sequence, frame and residual.
template <class Storage>
using save_state = basic_save_state<Storage>;
/// The residual in 8 bits: for an EEPROM that has no room for more.
template <class Storage>
using save_state8 = basic_save_state<Storage, narrow_cells>;
/// With the weights: no snapshot is needed after a reset.
template <class Storage>
using save_all = basic_save_state<Storage, whole_cells, true>;

}  // namespace WEIR_ABI
}  // namespace weir
