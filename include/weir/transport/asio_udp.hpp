// SPDX-License-Identifier: MIT
// Frames as UDP datagrams, one in one. Nobody proves who he is: for networks that are trusted. See asio_common.hpp.
#pragma once

#include <asio/buffer.hpp>
#include <asio/ip/udp.hpp>

#include <array>
#include <vector>

#include <weir/transport/asio_common.hpp>
#include <weir/wire/frame.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// What reaches any host of the Internet in one piece: 1,280 bytes, which each IPv6 link carries (RFC 8200), less 48 of headers.
constexpr size_t default_udp_mtu() noexcept { return 1232; }
/// What fits a UDP datagram over IPv4, in many pieces.
constexpr size_t max_udp_mtu() noexcept { return 65507; }

namespace detail {

/// A socket that gives and takes whole datagrams.
class udp_end {
 public:
  typedef asio::ip::udp::endpoint endpoint;

  udp_end(asio::io_context& io, size_t mtu)
      : work_(io.get_executor()),
        socket_(io),
        mtu_(mtu < max_udp_mtu() ? mtu : max_udp_mtu()),
        waiting_(std::make_shared<bool>(false)) {}

  size_t mtu() const noexcept { return mtu_; }
  bool is_open() const noexcept { return socket_.is_open(); }
  const asio::error_code& error() const noexcept { return error_; }
  endpoint local() const noexcept {
    asio::error_code e;
    return socket_.local_endpoint(e);
  }

  /// At a local address, or connected to one peer, from whom alone datagrams then come.
  bool open(const endpoint& at, bool peer) noexcept {
    close();
    error_.clear();
    socket_.open(at.protocol(), error_);
    if (!error_) socket_.non_blocking(true, error_);
    if (!error_ && peer) socket_.connect(at, error_);
    if (!error_ && !peer) socket_.bind(at, error_);
    if (error_) {
      close();
      return false;
    }
    wait();
    return true;
  }
  void close() noexcept {
    asio::error_code e;
    socket_.close(e);
  }

  /// `to`: nullptr for the peer. Where the answer is busy, `e` says why.
  status send(const_bytes datagram, const endpoint* to, asio::error_code& e) noexcept {
    if (datagram.size() > mtu_) return status::too_big;
    e = asio::error::bad_descriptor;
    if (!is_open()) return status::busy;
    const auto buffer = asio::buffer(datagram.data(), datagram.size());
    for (int tries = 0; tries < 2;
         ++tries) {  // the first may be told what became of an earlier datagram: nobody is there
      if (to != nullptr)
        socket_.send_to(buffer, *to, 0, e);
      else
        socket_.send(buffer, 0, e);
      if (!e) return status::ok;
      if (would_block(e)) return status::busy;
      error_ = e;
      if (e == asio::error::message_size) return status::too_big;
      if (e != asio::error::connection_refused) break;
    }
    return status::busy;
  }

  size_t receive(bytes into, endpoint& from) noexcept {
    if (!is_open()) return 0;
    wait();
    for (int tries = 0; tries < 16; ++tries) {  // a flood of what is of no use must not hold up the caller
      uint8_t more = 0;                         // the system cuts off what does not fit, and says nothing
      const std::array<asio::mutable_buffer, 2> buffers = {asio::buffer(into.data(), into.size()),
                                                           asio::buffer(&more, 1)};
      asio::error_code e;
      const size_t size = socket_.receive_from(buffers, from, 0, e);
      if (would_block(e)) break;
      if (e)
        error_ = e;
      else if (size != 0 && size <= into.size())
        return size;
    }
    return 0;
  }

 private:
  // Gives the io_context something to wait for, so that it wakes when a datagram arrives.
  void wait() noexcept {
    if (*waiting_) return;
    *waiting_ = true;
    socket_.async_wait(asio::ip::udp::socket::wait_read,
                       [waiting = waiting_](const asio::error_code&) { *waiting = false; });
  }

  work_guard work_;
  asio::ip::udp::socket socket_;
  size_t mtu_;
  asio::error_code error_;
  std::shared_ptr<bool> waiting_;  // the handler may outlive this
};

}  // namespace detail

/// A worker's end: datagrams to a coordinator, and from it alone.
///
/// Where the network is not there, send() says busy and tries it anew each time. A worker takes handle().
class asio_udp_line {
 public:
  typedef asio::ip::udp::endpoint endpoint;
  typedef line_handle<asio_udp_line> handle_type;

  asio_udp_line(asio::io_context& io, const endpoint& coordinator, size_t mtu = default_udp_mtu())
      : end_(io, mtu), coordinator_(coordinator) {
    end_.open(coordinator_, true);
  }
  asio_udp_line(const asio_udp_line&) = delete;
  asio_udp_line& operator=(const asio_udp_line&) = delete;

  handle_type handle() noexcept { return handle_type(*this); }

  size_t mtu() const noexcept { return end_.mtu(); }
  status send(const_bytes datagram) noexcept {
    if (datagram.size() > mtu()) return status::too_big;
    if (!end_.is_open() && !end_.open(coordinator_, true)) return status::busy;
    asio::error_code e;
    const status s = end_.send(datagram, nullptr, e);
    // Our own address, which the socket has chosen once, may be of a network that is gone.
    if (s == status::busy && !detail::would_block(e) && e != asio::error::connection_refused) end_.close();
    return s;
  }
  size_t receive(bytes into) noexcept {
    endpoint from;
    return end_.receive(into, from);
  }

  /// False: no socket, and error() says why not.
  bool ok() const noexcept { return end_.is_open(); }
  /// The last thing that went wrong. connection_refused: nobody listened there then.
  const asio::error_code& error() const noexcept { return end_.error(); }
  endpoint local() const noexcept { return end_.local(); }

 private:
  detail::udp_end end_;
  endpoint coordinator_;
};

/// A coordinator's end: one socket for all ranks.
///
/// A rank is where its last whole frame came from: it may move. Memory: one address a rank.
class asio_udp_hub {
 public:
  typedef asio::ip::udp::endpoint endpoint;

  /// Listens at `local`; its port may be 0: any. ok() says whether that worked.
  asio_udp_hub(asio::io_context& io, const endpoint& local, uint16_t ranks, size_t mtu = default_udp_mtu())
      : end_(io, mtu), where_(ranks) {
    end_.open(local, false);
  }
  asio_udp_hub(const asio_udp_hub&) = delete;
  asio_udp_hub& operator=(const asio_udp_hub&) = delete;

  size_t mtu() const noexcept { return end_.mtu(); }

  size_t receive(bytes into) noexcept {
    endpoint from;
    const size_t size = end_.receive(into, from);
    frame_header h;
    const_bytes body;
    if (size != 0 && wire::open(into.first(size), h, body) == status::ok && from_worker(h.kind) &&
        h.rank < where_.size())
      where_[h.rank] = from;
    return size;
  }
  status send(uint16_t rank, const_bytes datagram) noexcept {
    asio::error_code e;
    return knows(rank) ? end_.send(datagram, &where_[rank], e) : status::wrong_rank;
  }
  /// To all that have been heard of. Those for whom the system has no room miss it, and are the first next time.
  void broadcast(const_bytes datagram) noexcept {
    const size_t first = first_;
    for (size_t i = 0; i < where_.size(); ++i) {
      const size_t rank = (first + i) % where_.size();
      asio::error_code e;
      if (where_[rank].port() == 0 || end_.send(datagram, &where_[rank], e) != status::busy) continue;
      if (!detail::would_block(e)) continue;
      first_ = rank;
      return;
    }
  }

  /// Has this rank been heard of, and where?
  bool knows(uint16_t rank) const noexcept { return rank < where_.size() && where_[rank].port() != 0; }
  endpoint where(uint16_t rank) const noexcept { return knows(rank) ? where_[rank] : endpoint(); }

  bool ok() const noexcept { return end_.is_open(); }
  const asio::error_code& error() const noexcept { return end_.error(); }
  endpoint local() const noexcept { return end_.local(); }

 private:
  detail::udp_end end_;
  std::vector<endpoint> where_;  // port 0: nowhere yet
  size_t first_ = 0;
};

}  // namespace WEIR_ABI
}  // namespace weir
