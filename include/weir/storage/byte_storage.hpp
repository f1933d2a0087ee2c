// SPDX-License-Identifier: MIT
#pragma once

#include <weir/policy/storage.hpp>

namespace weir {
inline namespace WEIR_ABI {

namespace detail {

/// A port, and its size: known to the compiler if the port's size() is static constexpr.
template <class Port, class = void>
class sized_port {
 public:
  constexpr explicit sized_port(Port port) noexcept : port_(port) {}
  size_t size() const noexcept { return port_.size(); }

 protected:
  Port port_;
};
template <class Port>
class sized_port<Port, void_t<bool_constant<(Port::size() > 0)>>> {
 public:
  constexpr explicit sized_port(Port port) noexcept : port_(port) {}
  static constexpr size_t size() noexcept { return Port::size(); }

 protected:
  Port port_;
};

}  // namespace detail

/// A storage over whatever reads and writes single bytes: an EEPROM or FRAM on I2C or SPI, somebody's driver. Port is a
/// small value with
///   size_t size() const;                static constexpr, if possible: then what does not fit does not compile
///   uint8_t read(size_t at);
///   bool write(size_t at, uint8_t b);   false: not now
///   bool done();                        nothing is being written
/// Bytes that are there already are not written: it saves time and wear.
template <class Port>
class byte_storage : public detail::sized_port<Port> {
  using detail::sized_port<Port>::port_;

 public:
  constexpr explicit byte_storage(Port port = Port()) noexcept : detail::sized_port<Port>(port) {}

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
};

}  // namespace WEIR_ABI
}  // namespace weir
