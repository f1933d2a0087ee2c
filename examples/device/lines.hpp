// SPDX-License-Identifier: MIT
// How the workers of a process reach their coordinator: each kind has a transport for worker i, and waits for all of them.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include <weir/transport/asio_udp.hpp>
#include <weir/transport/byte_stream.hpp>
#include <weir/transport/posix_port.hpp>

#include "coordinator/endpoint.hpp"

namespace working {

/// Standard input and output: one line, and when it has ended, all has.
class pipe_line {
 public:
  using transport = weir::byte_stream<weir::posix_port::handle_type>;

  transport line(std::size_t) { return transport(port_.handle()); }
  bool ended() const { return !port_.ok(); }
  /// Until something can be read, or for that long.
  void wait(int ms);

 private:
  weir::posix_port port_{0, 1};
};

/// A TCP connection each, called anew whenever it is lost, ever later: after 50 ms, then twice as long, 3.2 s at most.
class tcp_lines {
 public:
  using transport = weir::byte_stream<weir::posix_port::handle_type>;

  /// Throws support::bad_input: `where` is no address.
  tcp_lines(const std::string& where, std::size_t count);

  transport line(std::size_t i) { return transport(lines_[i].port.handle()); }
  static constexpr bool ended() { return false; }
  void wait(int ms);

 private:
  struct one {
    serving::connection open;
    weir::posix_port port{-1};
    std::int64_t next_try_ms = 0;
    unsigned tries = 0;
  };
  void call(one& l, std::int64_t now_ms);
  static void lose(one& l, std::int64_t now_ms);

  std::unique_ptr<serving::endpoint> where_;
  std::deque<one> lines_;
};

/// A UDP socket each.
class udp_lines {
 public:
  using transport = weir::asio_udp_line::handle_type;

  /// Throws support::bad_input: `where` is no address.
  udp_lines(const std::string& where, std::size_t count);

  transport line(std::size_t i) { return lines_[i].handle(); }
  static constexpr bool ended() { return false; }
  void wait(int ms);

 private:
  asio::io_context io_;
  std::deque<weir::asio_udp_line> lines_;
};

}  // namespace working
