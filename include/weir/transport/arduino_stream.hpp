// SPDX-License-Identifier: MIT
// A node on an Arduino Stream that tells its room by availableForWrite(): Serial, Serial1, USB. (SoftwareSerial does not: it
// would send nothing.) Comes with the umbrella in Arduino builds.
#pragma once

#include <Arduino.h>

#include <weir/transport/byte_stream.hpp>

namespace weir {
inline namespace WEIR_ABI {

namespace detail {
struct arduino_port {
  Stream* stream;
  int read() const noexcept { return stream->read(); }
  bool write(uint8_t b) const noexcept { return stream->availableForWrite() > 0 && stream->write(b) == 1; }
};
}  // namespace detail

/// Datagrams over an Arduino Stream that is already begun. Never blocks: it writes what the stream has room for.
class arduino_stream : public byte_stream<detail::arduino_port> {
 public:
  explicit arduino_stream(Stream& stream) noexcept : byte_stream<detail::arduino_port>(port_of(stream)) {}

 private:
  static detail::arduino_port port_of(Stream& stream) noexcept {
    const detail::arduino_port port = {&stream};
    return port;
  }
};

}  // namespace WEIR_ABI
}  // namespace weir
