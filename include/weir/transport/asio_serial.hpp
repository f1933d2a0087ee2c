// SPDX-License-Identifier: MIT
// A serial device, by Asio. See asio_common.hpp.
#pragma once

#include <asio/buffer.hpp>
#include <asio/serial_port.hpp>
#include <asio/write.hpp>

#include <string>

#include <weir/transport/asio_common.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// A serial device as byte_stream wants it: 8 bits, no parity, no flow control.
///
///   weir::asio_serial device(io, "/dev/ttyUSB0", 115200);
///   weir::byte_stream<weir::asio_serial::handle_type> line(device.handle());  // `device` outlives it
///
/// Reads ahead; writes at each zero, which ends a datagram, and when its buffer is full.
class asio_serial {
 public:
  asio_serial(asio::io_context& io, const std::string& device, unsigned baud) : work_(io.get_executor()) {
    open(device, baud);
  }
  asio_serial(const asio_serial&) = delete;
  asio_serial& operator=(const asio_serial&) = delete;
  ~asio_serial() { close(); }

  /// Opens it anew, as after somebody had pulled the plug. What was under way is lost. ok() says whether that worked.
  void open(const std::string& device, unsigned baud) noexcept {
    close();
    line_ = std::make_shared<core>(work_.get_executor().context());
    asio::serial_port& p = line_->port;
    asio::error_code& e = line_->error;
    typedef asio::serial_port_base base;
    p.open(device, e);
    if (!e) p.set_option(base::baud_rate(baud), e);
    if (!e) p.set_option(base::character_size(8), e);
    if (!e) p.set_option(base::parity(base::parity::none), e);
    if (!e) p.set_option(base::stop_bits(base::stop_bits::one), e);
    if (!e) p.set_option(base::flow_control(base::flow_control::none), e);
    if (e)
      line_->close();
    else
      line_->begin_read();
  }
  void close() noexcept {
    if (line_) line_->close();
  }

  /// False: it is not open, or broken; error() is why. What had arrived can still be read.
  bool ok() const noexcept { return line_->port.is_open(); }
  const asio::error_code& error() const noexcept { return line_->error; }

  /// A copy of it is the port, in byte_stream's sense.
  class handle_type {
   public:
    explicit handle_type(asio_serial& serial) noexcept : serial_(&serial) {}
    int read() const noexcept { return serial_->line_->read(); }
    bool write(uint8_t b) const noexcept { return serial_->line_->write(b); }

   private:
    asio_serial* serial_;
  };
  handle_type handle() noexcept { return handle_type(*this); }

 private:
  // Buffers live as long as an operation that uses them.
  struct core : std::enable_shared_from_this<core> {
    explicit core(asio::io_context& io) : port(io) {}

    void close() noexcept {
      asio::error_code e;
      port.close(e);
    }
    void fail(const asio::error_code& e) noexcept {
      if (port.is_open()) error = e;  // else it was closed, and this is only said so
      close();
    }

    int read() noexcept {
      begin_write();
      if (gap) {
        gap = false;
        return 0;
      }
      if (first == last) return -1;
      const int b = in[first++];
      if (first == last) begin_read();
      return b;
    }
    void begin_read() noexcept {
      if (!port.is_open()) return;
      first = last = 0;
      port.async_read_some(asio::buffer(in), [me = shared_from_this()](const asio::error_code& e, size_t size) {
        me->last = size;
        if (e)
          me->fail(e);
        else if (size == 0)
          me->begin_read();
      });
    }

    bool write(uint8_t b) noexcept {
      if (!port.is_open()) return false;
      if (gathered == sizeof out[0]) begin_write();
      if (gathered == sizeof out[0]) return false;
      out[gathering][gathered++] = b;
      if (b == 0) begin_write();
      return true;
    }
    // One buffer is written while the other one fills.
    void begin_write() noexcept {
      if (writing || gathered == 0 || !port.is_open()) return;
      writing = true;
      asio::async_write(port, asio::buffer(out[gathering], gathered),
                        [me = shared_from_this()](const asio::error_code& e, size_t) {
                          me->writing = false;
                          if (e) return me->fail(e);
                          me->begin_write();
                        });
      gathering = 1 - gathering;
      gathered = 0;
    }

    asio::serial_port port;
    asio::error_code error;
    bool gap = true;  // a zero is to be read first: what came before belongs to nothing that comes
    bool writing = false;
    int gathering = 0;
    size_t gathered = 0;
    size_t first = 0;
    size_t last = 0;
    uint8_t in[512];
    uint8_t out[2][512];  // a frame of a small device, or a few
  };

  detail::work_guard work_;
  std::shared_ptr<core> line_;
};

}  // namespace WEIR_ABI
}  // namespace weir
