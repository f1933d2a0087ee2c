// SPDX-License-Identifier: MIT
// One line: frames in COBS both ways, what is known of who is there, and everything counted.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <weir/weir.hpp>

#include "endpoint.hpp"
#include "support/mixed_fleet.hpp"

namespace serving {

using moment = std::chrono::steady_clock::time_point;

struct line_counts {
  std::uint64_t bytes_up = 0;  ///< every byte on the line, stuffing and noise included
  std::uint64_t bytes_down = 0;
  std::uint64_t frames_up = 0;  ///< taken, that is neither refused nor noise
  std::uint64_t frames_down = 0;
  std::uint64_t updates = 0;                ///< counted in a round or another
  std::uint64_t dropped = 0;                ///< frames for which the line had no room
  std::uint64_t noise = 0;                  ///< runs of bytes between zeros that are no COBS, or too long
  std::array<std::uint64_t, 16> refused{};  ///< by weir::status

  std::uint64_t all_refused() const {
    std::uint64_t sum = noise;
    for (const std::uint64_t n : refused) sum += n;
    return sum;
  }
};

class line {
 public:
  /// Opened when serving begins, and again, ever later, when it is lost.
  line(std::string name, std::unique_ptr<endpoint> where) : name_(std::move(name)), endpoint_(std::move(where)) {}
  /// Somebody who called.
  line(std::string name, connection open) : name_(std::move(name)), connection_(std::move(open)) {}
  /// Somebody who sent a datagram to this socket, from that address.
  line(const descriptor& socket, const std::string& from) : name_(name_of(from)), socket_(&socket), peer_(from) {}

  const std::string& name() const { return name_; }
  bool reopens() const { return endpoint_ != nullptr; }
  bool is_open() const { return socket_ != nullptr || (connection_.in && !connection_.pending); }
  bool is_pending() const { return connection_.pending; }
  bool is_closed() const { return socket_ == nullptr && !connection_.in; }
  /// Where its datagrams come from; empty: it is a stream.
  const std::string& peer() const { return peer_; }
  connection& link() { return connection_; }
  const connection& link() const { return connection_; }

  /// Throws not_open.
  void open() { connection_ = endpoint_->open(); }
  /// Closes it. A child process is ended with all that it started; returns how it ended, in words, if it was one.
  std::string close();
  /// When to try again, ever later until settled().
  void put_off(moment now);
  moment next_try() const { return next_try_; }
  /// It works.
  void settled() { tries_ = 0; }

  /// Sends a frame, or drops it when the line has no room for it.
  void send(weir::const_bytes frame);
  bool has_unsent() const { return sent_ != unsent_.size(); }
  /// Writes what the line takes now. False: it is broken; errno is why.
  bool flush();

  /// Reads what is there, though not for ever; calls take(frame) for each frame and noise() for what is none.
  /// False: it is broken, and errno is why, or has ended, and errno is 0.
  template <class Take, class Noise>
  bool receive(Take&& take, Noise&& noise) {
    std::array<std::uint8_t, 2048> buffer;
    const ssize_t got = ::read(connection_.to_read(), buffer.data(), buffer.size());
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    errno = 0;
    if (got == 0) return false;
    counts.bytes_up += static_cast<std::uint64_t>(got);
    for (ssize_t i = 0; i < got; ++i) {
      const std::uint8_t b = buffer[static_cast<std::size_t>(i)];
      const std::size_t size = receiver_.take(b, weir::bytes(frame_));
      if (size != 0)
        take(weir::const_bytes(frame_, size));
      else if (b == 0 && since_zero_ != 0)
        noise();
      since_zero_ = b == 0 ? 0 : since_zero_ + 1;
    }
    return true;
  }

  line_counts counts;
  std::optional<std::uint16_t> rank;    ///< learnt from its frames
  std::optional<std::uint32_t> round;   ///< that its last update was counted in
  std::optional<weir::status> refusal;  ///< why its last frame was, if it was
  std::optional<moment> heard;          ///< the last frame that was taken
  bool joined = false;                  ///< has sent an update since it was opened
  std::string trouble;                  ///< why it is closed
  std::string complaint;                ///< of a child process, not yet a line
  bool ended = false;                   ///< the child process has
  int end_status = 0;                   ///< as waitpid says it

 private:
  static constexpr std::size_t most_unsent = 4096;

  std::string name_;
  std::unique_ptr<endpoint> endpoint_;
  connection connection_;
  const descriptor* socket_ = nullptr;
  std::string peer_;
  moment next_try_{};
  unsigned tries_ = 0;
  weir::cobs_receiver receiver_{};
  std::uint8_t frame_[mixed::frame_bytes()];
  std::size_t since_zero_ = 0;
  std::vector<std::uint8_t> unsent_;
  std::size_t sent_ = 0;
};

}  // namespace serving
