// SPDX-License-Identifier: MIT
// A worker's end of a TCP line; asio_tcp.hpp says what is on it. See asio_common.hpp.
#pragma once

#include <asio/steady_timer.hpp>

#include <algorithm>
#include <chrono>

#include <weir/core/random.hpp>
#include <weir/transport/asio_tcp_connection.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// How long to wait before the next try: doubled each time, from `first` to `most`, less up to a half by chance, so that a fleet
/// does not come back all at once.
class back_off {
 public:
  typedef std::chrono::milliseconds milliseconds;

  /// `first` is at least a millisecond, `most` at most a day.
  back_off(milliseconds first, milliseconds most, uint32_t seed) noexcept
      : most_(std::min<milliseconds>(std::max(most, milliseconds(1)), std::chrono::hours(24))),
        whole_(std::min(std::max(first, milliseconds(1)), most_)),
        first_(whole_),
        random_(seed) {}

  milliseconds next() noexcept {
    const milliseconds whole = whole_;
    whole_ = std::min(2 * whole_, most_);
    return whole - milliseconds(random_.below(static_cast<uint32_t>(whole.count() / 2 + 1)));
  }
  /// It worked.
  void reset() noexcept { whole_ = first_; }

 private:
  milliseconds most_;
  milliseconds whole_;
  milliseconds first_;
  random_bits random_;
};

struct tcp_line_options {
  tcp_options connection;
  std::chrono::milliseconds first_wait{200};  ///< after a line is lost, or cannot be had
  std::chrono::milliseconds longest_wait{30000};
  uint32_t seed = 1;  ///< another one for each device
};

/// A worker's end: connects, and connects again when the line is lost, ever more slowly until something is heard.
///
/// Busy while there is no line. A worker takes handle().
class asio_tcp_line : private detail::tcp_connection::owner {
 public:
  typedef asio::ip::tcp::endpoint endpoint;
  typedef line_handle<asio_tcp_line> handle_type;

  asio_tcp_line(asio::io_context& io, const endpoint& coordinator, const tcp_line_options& options = {})
      : work_(io.get_executor()),
        timer_(io),
        coordinator_(coordinator),
        options_(options),
        back_off_(options.first_wait, options.longest_wait, options.seed) {
    connect();
  }
  asio_tcp_line(const asio_tcp_line&) = delete;
  asio_tcp_line& operator=(const asio_tcp_line&) = delete;
  ~asio_tcp_line() override { connection_->drop(); }

  handle_type handle() noexcept { return handle_type(*this); }

  size_t mtu() const noexcept { return options_.connection.checked().mtu; }
  status send(const_bytes datagram) noexcept { return connection_->send(datagram); }
  size_t receive(bytes into) noexcept {
    const size_t size = connection_->receive(into);
    if (size != 0) back_off_.reset();
    return size;
  }

  bool connected() const noexcept { return connection_->is_open(); }
  /// How often it was.
  uint32_t connects() const noexcept { return connects_; }
  /// Why the last line was lost, or could not be had.
  const asio::error_code& error() const noexcept { return error_; }

 private:
  void connect() {
    connection_ = detail::tcp_connection::make(asio::ip::tcp::socket(work_.get_executor()), options_.connection, *this);
    connection_->connect(coordinator_);
  }

  void opened(detail::tcp_connection&) override { ++connects_; }
  void ready(detail::tcp_connection&) override {}
  void closed(detail::tcp_connection&, const asio::error_code& e) override {
    error_ = e;
    timer_.expires_after(back_off_.next());
    timer_.async_wait([this, watch = detail::lifetime::watch(alive_)](const asio::error_code& stopped) {
      if (!watch.expired() && !stopped) connect();
    });
  }

  detail::work_guard work_;
  asio::steady_timer timer_;
  endpoint coordinator_;
  tcp_line_options options_;
  back_off back_off_;
  asio::error_code error_;
  uint32_t connects_ = 0;
  std::shared_ptr<detail::tcp_connection> connection_;
  detail::lifetime alive_;
};

}  // namespace WEIR_ABI
}  // namespace weir
