// SPDX-License-Identifier: MIT
#pragma once

#include <weir/policy/storage.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// A storage over whatever reads and writes single bytes: an EEPROM or FRAM on I2C or SPI, somebody's driver. Port is a
/// small value with
///   size_t size() const;
///   uint8_t read(size_t at);
///   bool write(size_t at, uint8_t b);   false: not now
///   bool done();                        nothing is being written
/// Bytes that are there already are not written: it saves time and wear.
template <class Port>
class byte_storage {
 public:
  constexpr explicit byte_storage(Port port = Port()) noexcept : port_(port) {}

  size_t size() const noexcept { return port_.size(); }
  void read(size_t offset, bytes into) noexcept {
    for (size_t i = 0; i < into.size(); ++i) into[i] = port_.read(offset + i);
  }
  size_t write(size_t offset, const_bytes from) noexcept {
    for (size_t i = 0; i < from.size(); ++i) {
      if (!port_.done()) return i;  // it could not be read now, either
      if (port_.read(offset + i) != from[i] && !port_.write(offset + i, from[i])) return i;
    }
    return from.size();
  }
  bool done() noexcept { return port_.done(); }

 private:
  Port port_;
};

}  // namespace WEIR_ABI
}  // namespace weir
