// SPDX-License-Identifier: MIT
// Records in a storage that survive a loss of power at any byte of a save.
#pragma once

#include <weir/core/bytes.hpp>
#include <weir/core/crc.hpp>
#include <weir/policy/storage.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// One record, kept in Copies slots of a storage. With two, each save goes to the older one and leaves the newer alone: at
/// whatever byte the power fails, what is loaded next is the record before or the new one, whole. With one slot a save
/// that is cut leaves no record.
///
/// A slot is the record, a serial number (1 byte) and a CRC-32C (4 bytes, over the identity, the record and the serial),
/// written in this order: the last byte makes it valid. The serial's parity is the slot. The identity (whose record is it?)
/// is not stored: somebody else's record does not match its check, and is overwritten.
///
/// A record has `size_t size() const`, `uint8_t get(size_t at) const` and `void set(size_t at, uint8_t)`, which may
/// refuse. It is read in pieces of 8 bytes, at offsets that are multiples of 8, each piece at once, and may change between
/// pieces. RAM: some 24 bytes. All-zero is idle.
template <uint8_t Copies = 2>
class slots {
  static_assert(Copies == 1 || Copies == 2, "weir: a record has one slot or two");

 public:
  /// Bytes of the storage for a record of `record` bytes.
  static constexpr size_t bytes(size_t record) noexcept { return Copies * (record + tail_bytes()); }

  /// Looks for the newest whole record of this identity and size, so that the next save spares it. False: there is none.
  template <class Storage>
  bool find(Storage& storage, uint32_t identity, size_t size) noexcept {
    if (storage.size() < bytes(size)) return false;
    bool found = false;
    for (uint8_t slot = 0; slot < Copies; ++slot) {
      uint8_t serial;
      if (!whole(storage, identity, size, slot, serial) || serial % Copies != slot) continue;
      if (found && static_cast<uint8_t>(serial - serial_) >= 0x80) continue;  // the other one is newer
      found = true;
      serial_ = serial;
    }
    return found;
  }

  /// Puts the newest whole record of this identity into `record`; false: there is none, and nothing has changed.
  template <class Storage, class Record>
  bool load(Storage& storage, uint32_t identity, Record& record) noexcept {
    const size_t size = record.size();
    if (!find(storage, identity, size)) return false;
    each_piece(storage, (serial_ % Copies) * (size + tail_bytes()), size, [&record](size_t at, const_bytes piece) {
      for (size_t i = 0; i < piece.size(); ++i) record.set(at + i, piece[i]);
    });
    return true;
  }

  /// A save begins; one under way is given up.
  void start(uint32_t identity) noexcept {
    check_ = check_of(identity);
    at_ = 0;
    size_ = 0;
    taken_ = 0;
    saving_ = true;
  }
  bool saving() const noexcept { return saving_; }

  /// Goes on with the save as far as the storage takes it. True: it is complete and outlasts everything. The storage has
  /// bytes(record.size()), and the record keeps its size.
  template <class Storage, class Record>
  bool proceed(Storage& storage, const Record& record) noexcept {
    const size_t size = record.size();
    const uint8_t serial = static_cast<uint8_t>(serial_ + 1);
    const size_t base = (serial % Copies) * (size + tail_bytes());
    for (;;) {
      if (taken_ == size_) {
        if (at_ == size + tail_bytes()) break;
        next_piece(record, size, serial);
      }
      const size_t n = storage.write(base + at_, const_bytes(piece_ + taken_, static_cast<size_t>(size_ - taken_)));
      if (n == 0) return false;
      taken_ = static_cast<uint8_t>(taken_ + n);
      at_ += n;
    }
    if (!storage.done()) return false;
    serial_ = serial;
    saving_ = false;
    return true;
  }

 private:
  static constexpr size_t piece_bytes() noexcept { return 8; }
  static constexpr size_t tail_bytes() noexcept { return 5; }

  template <class Storage>
  static bool whole(Storage& storage, uint32_t identity, size_t size, uint8_t slot, uint8_t& serial) noexcept {
    const size_t base = slot * (size + tail_bytes());
    uint32_t check = check_of(identity);
    each_piece(storage, base, size, [&check](size_t, const_bytes piece) { check = crc32c(piece, check); });
    uint8_t tail[tail_bytes()];
    storage.read(base + size, weir::bytes(tail));
    serial = tail[0];
    return crc32c(const_bytes(tail, 1), check) == load32(tail + 1);
  }

  // Reads a record piece by piece: take(at, piece).
  template <class Storage, class Take>
  static void each_piece(Storage& storage, size_t base, size_t size, Take&& take) noexcept {
    uint8_t piece[piece_bytes()];
    for (size_t at = 0; at < size; at += piece_bytes()) {
      const size_t n = size - at < piece_bytes() ? size - at : piece_bytes();
      storage.read(base + at, weir::bytes(piece, n));
      take(at, const_bytes(piece, n));
    }
  }

  // A check begins with the identity.
  static uint32_t check_of(uint32_t identity) noexcept {
    uint8_t b[4];
    store32(b, identity);
    return crc32c(const_bytes(b));
  }

  template <class Record>
  void next_piece(const Record& record, size_t size, uint8_t serial) noexcept {
    taken_ = 0;
    if (at_ < size) {
      const size_t left = size - at_;
      size_ = static_cast<uint8_t>(left < piece_bytes() ? left : piece_bytes());
      for (uint8_t i = 0; i < size_; ++i) piece_[i] = record.get(at_ + i);
      check_ = crc32c(const_bytes(piece_, size_), check_);
    } else {
      size_ = tail_bytes();
      piece_[0] = serial;
      store32(piece_ + 1, crc32c(const_bytes(piece_, 1), check_));
    }
  }

  uint32_t check_;  // of what has been read of the record
  size_t at_;       // bytes taken by the storage
  uint8_t piece_[8];
  uint8_t size_;    // of the piece
  uint8_t taken_;   // of it
  uint8_t serial_;  // of the last whole record
  bool saving_;
};

}  // namespace WEIR_ABI
}  // namespace weir
