// SPDX-License-Identifier: MIT
// One TCP connection that carries datagrams; asio_tcp.hpp says how. See asio_common.hpp.
#pragma once

#include <asio/buffer.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/write.hpp>

#include <string.h>

#include <chrono>
#include <utility>
#include <vector>

#include <weir/transport/asio_common.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// The largest size that three bytes of LEB128 say.
constexpr size_t max_tcp_mtu() noexcept { return 0x1fffff; }

struct tcp_options {
  size_t mtu = 0x3fff;          ///< the largest datagram, up to max_tcp_mtu(); larger ones that arrive are passed over
  size_t queue_bytes = 0x8000;  ///< what may wait to be written; one datagram always may
  std::chrono::seconds give_up{60};  ///< a line whose other end says nothing, not even by its system, for about so long

  tcp_options checked() const noexcept {
    tcp_options o = *this;
    if (o.mtu > max_tcp_mtu()) o.mtu = max_tcp_mtu();
    if (o.give_up < std::chrono::seconds(6)) o.give_up = std::chrono::seconds(6);
    if (o.give_up > std::chrono::hours(1)) o.give_up = std::chrono::hours(1);
    return o;
  }
};

namespace detail {

/// LEB128 of at most three bytes, as far as it is here.
struct size_prefix {
  enum state { whole, not_yet, wrong };
  state is;
  size_t bytes;  ///< of itself
  size_t value;

  static constexpr size_t most() noexcept { return 3; }
  static size_prefix read(const_bytes from) noexcept {
    size_prefix p = {not_yet, 0, 0};
    while (p.is == not_yet && p.bytes < from.size()) {
      const uint8_t b = from[p.bytes];
      p.value |= static_cast<size_t>(b & 0x7f) << (7 * p.bytes);
      ++p.bytes;
      if (b == 0 && p.bytes > 1)  // each number has one spelling
        p.is = wrong;
      else if (b < 0x80)
        p.is = whole;
      else if (p.bytes == most())
        p.is = wrong;
    }
    return p;
  }
  static void append(std::vector<uint8_t>& to, size_t value) {
    for (; value >= 0x80; value >>= 7) to.push_back(static_cast<uint8_t>(value | 0x80));
    to.push_back(static_cast<uint8_t>(value));
  }
};

/// An option of the TCP protocol that Asio has no name for, as its set_option takes it.
class tcp_number {
 public:
  tcp_number(int name, int value) noexcept : name_(name), value_(value) {}

  template <class Protocol>
  int level(const Protocol&) const noexcept {
    return IPPROTO_TCP;
  }
  template <class Protocol>
  int name(const Protocol&) const noexcept {
    return name_;
  }
  template <class Protocol>
  const int* data(const Protocol&) const noexcept {
    return &value_;
  }
  template <class Protocol>
  size_t size(const Protocol&) const noexcept {
    return sizeof value_;
  }

 private:
  int name_;
  int value_;
};

/// Reads one datagram ahead, and no more until it is taken: TCP tells the sender. Its owner holds it until drop(), or until
/// it has called closed().
class tcp_connection : public std::enable_shared_from_this<tcp_connection> {
 public:
  typedef asio::ip::tcp::socket socket;

  struct owner {
    virtual ~owner() = default;
    virtual void opened(tcp_connection&) = 0;
    virtual void ready(tcp_connection&) = 0;  ///< a datagram is here: once for each
    virtual void closed(tcp_connection&, const asio::error_code&) = 0;
  };

  tcp_connection(socket s, const tcp_options& options, owner& o)
      : socket_(std::move(s)), options_(options.checked()), owner_(&o) {}
  static std::shared_ptr<tcp_connection> make(socket s, const tcp_options& options, owner& o) {
    return std::make_shared<tcp_connection>(std::move(s), options, o);
  }

  /// Or start(), for a socket that is connected already. Each once.
  void connect(const asio::ip::tcp::endpoint& to) {
    socket_.async_connect(to, [me = shared_from_this(), to](const asio::error_code& e) {
      if (me->owner_ == nullptr) return;
      if (e) return me->fail(e);
      // A port of our own machine that nobody listens at may be given to us, and then we talk to ourselves.
      asio::error_code unknown;
      if (me->socket_.local_endpoint(unknown) == to) return me->fail(asio::error::connection_refused);
      me->start();
    });
  }
  void start() {
    set_options();
    open_ = true;
    in_.resize(first_room < options_.mtu + size_prefix::most() ? first_room : options_.mtu + size_prefix::most());
    owner_->opened(*this);
    read();
  }
  /// The owner is done with it.
  void drop() noexcept {
    owner_ = nullptr;
    open_ = false;
    here_ = 0;
    asio::error_code e;
    socket_.close(e);
  }

  bool is_open() const noexcept { return open_; }

  status send(const_bytes datagram) {
    if (datagram.size() > options_.mtu) return status::too_big;
    if (!open_) return status::busy;
    const size_t waits = unwritten_.size() + waiting_.size();
    if (waits != 0 && waits + datagram.size() + size_prefix::most() > options_.queue_bytes) return status::busy;
    size_prefix::append(waiting_, datagram.size());
    waiting_.insert(waiting_.end(), datagram.begin(), datagram.end());
    write();
    return status::ok;
  }

  /// A datagram too big for `into` is lost.
  size_t receive(bytes into) {
    if (here_ == 0) return 0;
    const size_t size = here_ <= into.size() ? here_ : 0;
    if (size != 0) memcpy(into.data(), in_.data() + begin_, size);
    begin_ += here_;
    here_ = 0;
    take_apart();
    return size;
  }

  size_t ranks = 0;  ///< the owner's: how many are here
  size_t place = 0;  ///< the owner's: where it keeps this

 private:
  static constexpr size_t first_room = 2048;  // grows to the largest datagram that comes

  // Without any of these it works, too. Systems wait for hours before they miss a device that has lost its power.
  void set_options() noexcept {
    asio::error_code e;
    socket_.set_option(asio::ip::tcp::no_delay(true), e);
    socket_.set_option(asio::socket_base::keep_alive(true), e);
    const int seconds = static_cast<int>(options_.give_up.count());
#if defined(TCP_KEEPIDLE) && defined(TCP_KEEPINTVL) && \
    defined(TCP_KEEPCNT)  // while nothing is sent: half, and three sixths
    socket_.set_option(tcp_number(TCP_KEEPIDLE, seconds / 2), e);
    socket_.set_option(tcp_number(TCP_KEEPINTVL, seconds / 6), e);
    socket_.set_option(tcp_number(TCP_KEEPCNT, 3), e);
#endif
#if defined(TCP_USER_TIMEOUT)  // Linux: while something is
    socket_.set_option(tcp_number(TCP_USER_TIMEOUT, seconds * 1000), e);
#endif
  }

  // What is read is a size, that many bytes, a size ...
  void take_apart() {
    for (;;) {
      const size_t passed = skip_ < end_ - begin_ ? skip_ : end_ - begin_;
      begin_ += passed;
      skip_ -= passed;
      const size_prefix p = size_prefix::read(const_bytes(in_.data() + begin_, end_ - begin_));
      if (p.is == size_prefix::wrong) return fail(asio::error::invalid_argument);
      if (p.is == size_prefix::not_yet) return read();
      if (p.value > options_.mtu || p.value == 0) {
        begin_ += p.bytes;
        skip_ = p.value;
        continue;
      }
      if (end_ - begin_ < p.bytes + p.value) {
        if (in_.size() < p.bytes + p.value) in_.resize(p.bytes + p.value);
        return read();
      }
      begin_ += p.bytes;
      here_ = p.value;
      return owner_->ready(*this);
    }
  }

  void read() {
    memmove(in_.data(), in_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    socket_.async_read_some(asio::buffer(in_.data() + end_, in_.size() - end_),
                            [me = shared_from_this()](const asio::error_code& e, size_t size) {
                              if (me->owner_ == nullptr) return;
                              if (e) return me->fail(e);
                              me->end_ += size;
                              me->take_apart();
                            });
  }
  // What waits is gathered while the rest is written.
  void write() {
    if (!unwritten_.empty() || waiting_.empty()) return;
    unwritten_.swap(waiting_);
    asio::async_write(socket_, asio::buffer(unwritten_), [me = shared_from_this()](const asio::error_code& e, size_t) {
      me->unwritten_.clear();
      if (me->owner_ == nullptr) return;
      if (e) return me->fail(e);
      me->write();
    });
  }
  void fail(const asio::error_code& e) {
    owner* const o = owner_;
    drop();
    if (o != nullptr) o->closed(*this, e);
  }

  socket socket_;
  tcp_options options_;
  owner* owner_;
  bool open_ = false;
  std::vector<uint8_t> in_;  // [begin_, end_) has been read
  size_t begin_ = 0;
  size_t end_ = 0;
  size_t skip_ = 0;  // bytes to come of a datagram that is too big
  size_t here_ = 0;  // a datagram of that size stands at begin_
  std::vector<uint8_t> unwritten_;
  std::vector<uint8_t> waiting_;
};

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
