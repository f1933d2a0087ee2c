// SPDX-License-Identifier: MIT
// What the transports over Asio share (C++17; standalone Asio, 1.18 or later). Not part of the umbrella.
//
// The program runs the io_context, as for everything else that it does by Asio, in the thread that calls send() and receive():
//
//   for (;;) {
//     io.run_one_for(std::chrono::milliseconds(20));  // sleeps until something has arrived
//     device.poll(now_ms());
//   }
//
// send() and receive() run no handlers, never block and throw nothing; what goes wrong is a state that can be asked. While a
// transport lives its io_context does not run out of work: run() does not return. It may be destroyed at any time before
// its io_context. Where no memory is left the program ends.
#pragma once

#if !defined(ASIO_STANDALONE)
#  define ASIO_STANDALONE 1
#endif
#include <asio/error.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>

#include <memory>

#include <weir/policy/transport.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// A line that is somewhere else and outlives this: policies are plain values, sockets are none.
template <class Line>
class line_handle {
 public:
  explicit line_handle(Line& line) noexcept : line_(&line) {}

  size_t mtu() const noexcept { return line_->mtu(); }
  status send(const_bytes datagram) const noexcept { return line_->send(datagram); }
  size_t receive(bytes into) const noexcept { return line_->receive(into); }

 private:
  Line* line_;
};

namespace detail {

/// Without it an io_context would stop, and have to be restarted, whenever all that had arrived is still to be received.
typedef asio::executor_work_guard<asio::io_context::executor_type> work_guard;

inline bool would_block(const asio::error_code& e) noexcept {
  return e == asio::error::would_block || e == asio::error::try_again;
}

/// What a handler asks before it touches its object, which may be gone.
class lifetime {
 public:
  typedef std::weak_ptr<char> watch;

  lifetime() : here_(std::make_shared<char>()) {}
  lifetime(const lifetime&) = delete;
  lifetime& operator=(const lifetime&) = delete;

  operator watch() const noexcept { return here_; }

 private:
  std::shared_ptr<char> here_;
};

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
