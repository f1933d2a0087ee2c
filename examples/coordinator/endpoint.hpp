// SPDX-License-Identifier: MIT
// What is at the other end of a line: a child process, a serial device, a pseudo terminal, a TCP peer.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include <sys/types.h>

#include <weir/core/span.hpp>

#include "descriptor.hpp"

namespace serving {

/// It cannot be opened now; later perhaps. what() is why.
struct not_open : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// An open line; all descriptors are non-blocking.
struct connection {
  descriptor in;
  descriptor out;     ///< none: `in` goes both ways
  descriptor errors;  ///< what a child process complains of
  descriptor kept;    ///< held open, not used
  pid_t child = 0;
  bool pending = false;  ///< writable means connected, or that it failed

  int to_read() const { return in.get(); }
  int to_write() const { return out ? out.get() : in.get(); }
};

class endpoint {
 public:
  endpoint() = default;
  endpoint(const endpoint&) = delete;
  endpoint& operator=(const endpoint&) = delete;
  virtual ~endpoint() = default;

  /// Opens, or begins to. Throws not_open.
  virtual connection open() = 0;
};

// Each throws support::bad_input when it can never work.

/// `command`, by the shell; its standard input and output are the line.
std::unique_ptr<endpoint> command_endpoint(const std::string& command);
/// PATH[:BAUD], a serial device in raw mode; 115200 baud unless said.
std::unique_ptr<endpoint> device_endpoint(const std::string& path);
/// A pseudo terminal in raw mode, to which the symbolic link `link` leads while this lives.
std::unique_ptr<endpoint> terminal_endpoint(const std::string& link);
/// HOST:PORT, looked up once.
std::unique_ptr<endpoint> tcp_endpoint(const std::string& address);

/// HOST:PORT, [HOST]:PORT, or PORT alone, which leaves `host` empty.
void split_address(const char* option, const std::string& text, std::string& host, std::string& port);

/// A socket that listens at PORT or HOST:PORT; `port` becomes the port that it has got.
descriptor listen_at(const std::string& address, int& port);
/// A socket for datagrams at PORT or HOST:PORT.
descriptor datagrams_at(const std::string& address, int& port);
/// The size of the next datagram, 0: none now, or none that fits; `from` becomes its sender's address, for a machine.
std::size_t receive_from(const descriptor& socket, weir::bytes into, std::string& from);
/// False: the system has no room.
bool send_to(const descriptor& socket, const std::string& to, weir::const_bytes datagram);
/// Such an address, for people.
std::string name_of(const std::string& address);

/// Lets this process have as many descriptors as it may: each line takes one, or three.
void have_descriptors();

/// Somebody who called, or nobody. `name` becomes the caller's address.
connection accept_from(const descriptor& listener, std::string& name);

}  // namespace serving
