// SPDX-License-Identifier: MIT
// For a host with POSIX (C++17). Not part of the umbrella.
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <termios.h>
#include <unistd.h>

#include <weir/core/span.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// A file descriptor, or one for each direction, as byte_stream wants it: a pipe, a terminal, a socket, a serial device. They
/// stay the caller's; they are made non-blocking, which whoever shares them sees too.
///
///   weir::posix_port port(fd);
///   weir::byte_stream<weir::posix_port::handle_type> line(port.handle());  // `port` outlives it
///
/// Reads ahead; writes at each zero, which ends a datagram, and when its buffer is full. What the descriptor does not take
/// then goes with the next read or write. A socket whose other end is gone raises no SIGPIPE; a pipe does, unless the program
/// ignores that signal.
class posix_port {
 public:
  explicit posix_port(int both) noexcept : posix_port(both, both) {}
  posix_port(int in, int out) noexcept { attach(in, out); }
  posix_port(const posix_port&) = delete;
  posix_port& operator=(const posix_port&) = delete;

  /// Goes on with these, after a line was lost and opened anew. What was under way is lost.
  void attach(int in, int out) noexcept {
    in_ = in;
    out_ = out;
    read_ = read_end_ = written_ = write_end_ = 0;
    error_ = 0;
    ended_ = false;
    gap_ = true;  // half a datagram may have come
    plain_ = false;
    if (!make_non_blocking(in) || !make_non_blocking(out)) fail(errno);
#if !defined(MSG_NOSIGNAL)  // where send() has no such flag the socket itself has it
    const int yes = 1;
    ::setsockopt(out, SOL_SOCKET, SO_NOSIGPIPE, &yes, sizeof yes);
#endif
  }
  void attach(int both) noexcept { attach(both, both); }

  /// False: the line has ended, or is broken; nothing more comes or goes. What had arrived can still be read.
  bool ok() const noexcept { return !ended_; }
  /// Why it is not ok(), as errno has it; 0: the other end has closed it.
  int error() const noexcept { return error_; }

  /// A copy of it is the port, in byte_stream's sense.
  class handle_type {
   public:
    explicit handle_type(posix_port& port) noexcept : port_(&port) {}
    int read() const noexcept { return port_->read(); }
    bool write(uint8_t b) const noexcept { return port_->write(b); }

   private:
    posix_port* port_;
  };
  handle_type handle() noexcept { return handle_type(*this); }

 private:
  static bool make_non_blocking(int fd) noexcept {
    const int flags = ::fcntl(fd, F_GETFL);
    return flags >= 0 && ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0;
  }
  static bool passes() noexcept { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }
  void fail(int error) noexcept {
    error_ = error;
    ended_ = true;
  }

  int read() noexcept {
    flush();
    if (gap_) {
      gap_ = false;
      return 0;
    }
    if (read_ == read_end_ && !fill()) return -1;
    return in_bytes_[read_++];
  }
  bool fill() noexcept {
    if (ended_) return false;
    const ssize_t got = ::read(in_, in_bytes_, sizeof in_bytes_);
    if (got < 0 && passes()) return false;
    if (got <= 0) {
      fail(got < 0 ? errno : 0);
      return false;
    }
    read_ = 0;
    read_end_ = static_cast<size_t>(got);
    return true;
  }

  bool write(uint8_t b) noexcept {
    if (write_end_ == sizeof out_bytes_) flush();
    if (ended_ || write_end_ == sizeof out_bytes_) return false;
    out_bytes_[write_end_++] = b;
    if (b == 0) flush();
    return true;
  }
  void flush() noexcept {
    while (written_ != write_end_ && !ended_) {
      const ssize_t put = put_some(out_bytes_ + written_, write_end_ - written_);
      if (put < 0 && !passes()) fail(errno);
      if (put <= 0) break;
      written_ += static_cast<size_t>(put);
    }
    if (written_ == 0) return;
    write_end_ -= written_;
    memmove(out_bytes_, out_bytes_ + written_, write_end_);
    written_ = 0;
  }
  ssize_t put_some(const uint8_t* from, size_t size) noexcept {
    if (!plain_) {
#if defined(MSG_NOSIGNAL)
      const ssize_t put = ::send(out_, from, size, MSG_NOSIGNAL);
#else
      const ssize_t put = ::send(out_, from, size, 0);
#endif
      if (put >= 0 || errno != ENOTSOCK) return put;
      plain_ = true;
    }
    return ::write(out_, from, size);
  }

  int in_;
  int out_;
  int error_;
  bool ended_;
  bool gap_;    // a zero is to be read first, so that what came before the gap is no part of what comes
  bool plain_;  // not a socket
  size_t read_;
  size_t read_end_;
  size_t written_;
  size_t write_end_;
  uint8_t in_bytes_[1024];  // a system call for many bytes, and no more than what waits behind one datagram
  uint8_t out_bytes_[1024];
};

/// How termios has so many baud; B0: no line has them here.
inline speed_t serial_speed(unsigned long baud) noexcept {
  static const struct {
    unsigned long baud;
    speed_t speed;
  } speeds[] = {
    {1200, B1200},
    {2400, B2400},
    {4800, B4800},
    {9600, B9600},
    {19200, B19200},
    {38400, B38400},
    {57600, B57600},
    {115200, B115200},
    {230400, B230400},
#if defined(B460800)  // POSIX ends at 38400; these are where they are
    {460800, B460800},
#endif
#if defined(B500000)
    {500000, B500000},
#endif
#if defined(B921600)
    {921600, B921600},
#endif
#if defined(B1000000)
    {1000000, B1000000},
#endif
#if defined(B2000000)
    {2000000, B2000000},
#endif
#if defined(B4000000)
    {4000000, B4000000},
#endif
  };
  for (const auto& s : speeds)
    if (s.baud == baud) return s.speed;
  return B0;
}

/// Makes a terminal give and take all bytes as they are: 8 bits, no parity, no flow control. False: errno says why.
inline bool make_raw(int fd, speed_t speed) noexcept {
  termios t;
  if (::tcgetattr(fd, &t) != 0) return false;
  ::cfmakeraw(&t);
  t.c_cflag = (t.c_cflag & ~static_cast<tcflag_t>(CSTOPB | CRTSCTS)) | CLOCAL | CREAD;
  t.c_cc[VMIN] = 1;
  t.c_cc[VTIME] = 0;
  ::cfsetispeed(&t, speed);
  ::cfsetospeed(&t, speed);
  return ::tcsetattr(fd, TCSANOW, &t) == 0;
}

/// Opens a serial device: raw bytes, at `baud`. Its descriptor, non-blocking, to be closed by the caller, or -1, and errno says
/// why: EINVAL where no line has that many baud.
inline int open_serial(const char* path, unsigned long baud) noexcept {
  const speed_t speed = serial_speed(baud);
  if (speed == B0) {
    errno = EINVAL;
    return -1;
  }
  const int fd = ::open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return -1;
  if (make_raw(fd, speed)) {
    ::tcflush(fd, TCIOFLUSH);
    return fd;
  }
  const int error = errno;
  ::close(fd);
  errno = error;
  return -1;
}

}  // namespace WEIR_ABI
}  // namespace weir
