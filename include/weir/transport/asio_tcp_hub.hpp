// SPDX-License-Identifier: MIT
// A coordinator's end of many TCP lines; asio_tcp.hpp says what is on them. See asio_common.hpp.
#pragma once

#include <asio/steady_timer.hpp>

#include <algorithm>
#include <chrono>
#include <deque>
#include <vector>

#include <weir/transport/asio_tcp_connection.hpp>
#include <weir/wire/frame.hpp>

namespace weir {
inline namespace WEIR_ABI {

struct tcp_hub_options {
  tcp_options connection;
  size_t connections = 4096;                    ///< more of them wait in the system's queue, or are refused
  std::chrono::milliseconds accept_again{100};  ///< where the system has no descriptor left
};

/// A coordinator's end: takes whoever connects.
///
/// A rank is on the connection that its last whole frame came by: a device may come again on a new one while the old one is not
/// known to be lost, which is then closed; several devices may share one. Memory: a pointer a rank; a connection takes
/// its datagram under way and its queue, at most 2 * (mtu + 3) + queue_bytes.
class asio_tcp_hub : private detail::tcp_connection::owner {
 public:
  typedef asio::ip::tcp::endpoint endpoint;

  /// Listens at `local`; its port may be 0: any. ok() says whether that worked.
  asio_tcp_hub(asio::io_context& io, const endpoint& local, uint16_t ranks, const tcp_hub_options& options = {})
      : work_(io.get_executor()), acceptor_(io), timer_(io), options_(options), by_rank_(ranks) {
    acceptor_.open(local.protocol(), error_);
    if (!error_) acceptor_.set_option(asio::socket_base::reuse_address(true), error_);
    if (!error_) acceptor_.bind(local, error_);
    if (!error_) acceptor_.listen(asio::socket_base::max_listen_connections, error_);
    if (error_) {
      asio::error_code e;
      acceptor_.close(e);
    } else {
      accept();
    }
  }
  asio_tcp_hub(const asio_tcp_hub&) = delete;
  asio_tcp_hub& operator=(const asio_tcp_hub&) = delete;
  ~asio_tcp_hub() override {
    for (const auto& c : connections_) c->drop();
  }

  size_t mtu() const noexcept { return options_.connection.checked().mtu; }

  /// The size of a datagram now in `into`, or 0: none on any connection. Connections take turns.
  size_t receive(bytes into) noexcept {
    while (!ready_.empty()) {
      const std::shared_ptr<detail::tcp_connection> c = std::move(ready_.front());
      ready_.pop_front();
      const size_t size = c->receive(into);
      if (size == 0) continue;
      learn(into.first(size), *c);
      return size;
    }
    return 0;
  }
  status send(uint16_t rank, const_bytes datagram) noexcept {
    return knows(rank) ? by_rank_[rank]->send(datagram) : status::wrong_rank;
  }
  /// Once to each connection that a rank is on and whose queue has room; who misses it asks.
  void broadcast(const_bytes datagram) noexcept {
    for (const auto& c : connections_)
      if (c->ranks != 0 && c->send(datagram) != status::ok) ++missed_;
  }

  bool knows(uint16_t rank) const noexcept { return rank < by_rank_.size() && by_rank_[rank] != nullptr; }
  size_t connections() const noexcept { return connections_.size(); }
  /// Broadcasts that a connection had no room for.
  uint64_t missed() const noexcept { return missed_; }

  /// Does it listen?
  bool ok() const noexcept { return acceptor_.is_open(); }
  /// Why it does not; or what kept it from taking a connection last: it tries again.
  const asio::error_code& error() const noexcept { return error_; }
  endpoint local() const noexcept {
    asio::error_code e;
    return acceptor_.local_endpoint(e);
  }

 private:
  void accept() {
    if (accepting_ || connections_.size() >= options_.connections) return;
    accepting_ = true;
    acceptor_.async_accept(
        [this, watch = detail::lifetime::watch(alive_)](const asio::error_code& e, asio::ip::tcp::socket socket) {
          if (watch.expired()) return;
          accepting_ = false;
          if (e) return accept_later(e);
          connections_.push_back(detail::tcp_connection::make(std::move(socket), options_.connection, *this));
          const std::shared_ptr<detail::tcp_connection> c = connections_.back();
          c->place = connections_.size() - 1;
          c->start();
          accept();
        });
  }
  // At once it would fail again: the one who calls still waits.
  void accept_later(const asio::error_code& e) {
    error_ = e;
    accepting_ = true;
    timer_.expires_after(options_.accept_again);
    timer_.async_wait([this, watch = detail::lifetime::watch(alive_)](const asio::error_code& stopped) {
      if (watch.expired() || stopped) return;
      accepting_ = false;
      accept();
    });
  }

  void learn(const_bytes datagram, detail::tcp_connection& c) {
    frame_header h;
    const_bytes body;
    if (wire::open(datagram, h, body) != status::ok || !from_worker(h.kind) || h.rank >= by_rank_.size()) return;
    detail::tcp_connection* const old = by_rank_[h.rank];
    if (old == &c || !c.is_open()) return;
    by_rank_[h.rank] = &c;
    ++c.ranks;
    if (old == nullptr || --old->ranks != 0) return;
    const auto kept = old->shared_from_this();
    old->drop();
    forget(*old);
  }
  void forget(detail::tcp_connection& c) {
    if (c.ranks != 0) std::replace(by_rank_.begin(), by_rank_.end(), &c, static_cast<detail::tcp_connection*>(nullptr));
    c.ranks = 0;
    const size_t place = c.place;  // `c` goes with its pointer
    std::swap(connections_[place], connections_.back());
    connections_[place]->place = place;
    connections_.pop_back();
    accept();
  }

  void opened(detail::tcp_connection&) override {}
  void ready(detail::tcp_connection& c) override { ready_.push_back(c.shared_from_this()); }
  void closed(detail::tcp_connection& c, const asio::error_code&) override { forget(c); }

  detail::work_guard work_;
  asio::ip::tcp::acceptor acceptor_;
  asio::steady_timer timer_;
  tcp_hub_options options_;
  asio::error_code error_;
  bool accepting_ = false;
  uint64_t missed_ = 0;
  std::vector<std::shared_ptr<detail::tcp_connection>> connections_;
  std::deque<std::shared_ptr<detail::tcp_connection>> ready_;  // each at most once
  std::vector<detail::tcp_connection*> by_rank_;
  detail::lifetime alive_;
};

}  // namespace WEIR_ABI
}  // namespace weir
