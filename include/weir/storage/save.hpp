// SPDX-License-Identifier: MIT
// Memory that is saved and loaded as a whole: a learner's weights, a device's settings.
#pragma once

#include <weir/core/fingerprint.hpp>
#include <weir/core/status.hpp>
#include <weir/storage/cell_format.hpp>
#include <weir/storage/slots.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// A span of plain memory as a record of weir::slots. Byte is uint8_t, or const uint8_t if it is only to be saved.
template <class Byte>
class memory_record {
 public:
  template <class T>
  explicit memory_record(span<T> memory) noexcept
      : data_(reinterpret_cast<Byte*>(memory.data())), size_(memory.size() * sizeof(T)) {}

  size_t size() const noexcept { return size_; }
  uint8_t get(size_t at) const noexcept { return data_[at]; }
  void set(size_t at, uint8_t b) noexcept { data_[at] = b; }

 private:
  Byte* data_;
  size_t size_;
};

/// Bytes of a storage for `size` bytes in Copies slots. Two slots survive a loss of power at any byte of a save; one is for
/// where two do not fit, and is lost with such a save: a Mega's EEPROM (4,096) has room for the int16 weights of 64-16-10
/// (2,420) once, an Uno's (1,024) for those of 16-8-4 (344) twice.
template <uint8_t Copies = 2>
constexpr size_t saved_bytes(size_t size) noexcept {
  return slots<Copies>::bytes(size);
}

/// Loads what save() with the same Copies and identity wrote. `identity` is any number that says what it is
/// (Model::fingerprint(), say; as a constexpr, or AVR computes it at run time), and the type T is part of it. empty: there
/// is no whole record of that identity, and nothing has changed; too_big: the storage has no room for one.
template <uint8_t Copies = 2, class Storage, class T>
status load(Storage&& storage, uint32_t identity, span<T> into) noexcept {
  memory_record<uint8_t> r(into);
  slots<Copies> s = slots<Copies>();
  if (storage.size() < saved_bytes<Copies>(r.size())) return status::too_big;
  return s.load(storage, mix(identity, detail::cell_format<T>::id()), r) ? status::ok : status::empty;
}

/// Saves memory as it is now, and waits until that is done: in an EEPROM 3.3 ms for each byte that has changed. too_big:
/// the storage has no room for it, and nothing has changed; busy: it does not take what it should, and the save was given
/// up after 65,536 tries for a byte. (weir::slots does not wait, and so does a worker's saving.)
template <uint8_t Copies = 2, class Storage, class T>
status save(Storage&& storage, uint32_t identity, span<T> from) noexcept {
  const memory_record<const uint8_t> r(from);
  if (storage.size() < saved_bytes<Copies>(r.size())) return status::too_big;
  slots<Copies> s = slots<Copies>();
  const uint32_t whose = mix(identity, detail::cell_format<T>::id());
  s.find(storage, whose, r.size());
  s.start(whose);
  for (size_t i = 0; i < r.size() + 8; ++i)
    for (uint16_t tries = 0xffff; tries != 0; --tries)
      if (s.proceed(storage, r)) return status::ok;
  return status::busy;
}

}  // namespace WEIR_ABI
}  // namespace weir
