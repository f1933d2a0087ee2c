// SPDX-License-Identifier: MIT
// File descriptors as ports: pipes, sockets, terminals; and what becomes of them when the other end is gone.
#include <weir/transport/buffered.hpp>
#include <weir/transport/byte_stream.hpp>
#include <weir/transport/posix_port.hpp>

#include <doctest/doctest.h>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>

#include <poll.h>

#include "support/transport_conformance.hpp"

namespace {

using transport_conformance::byte_faults;
using transport_conformance::data;
using transport_conformance::faulty_port;

/// Closed at the end.
struct descriptors {
  int fd[4] = {-1, -1, -1, -1};
  ~descriptors() {
    for (int& f : fd) close(f);
  }
  static void close(int& f) {
    if (f >= 0) ::close(f);
    f = -1;
  }
};

struct pipes : descriptors {
  pipes() {
    REQUIRE(::pipe(fd) == 0);
    REQUIRE(::pipe(fd + 2) == 0);
  }
  int a_in() const { return fd[0]; }
  int a_out() const { return fd[3]; }
  int b_in() const { return fd[2]; }
  int b_out() const { return fd[1]; }
};

struct sockets : descriptors {
  sockets() { REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0); }
  int a_in() const { return fd[0]; }
  int a_out() const { return fd[0]; }
  int b_in() const { return fd[1]; }
  int b_out() const { return fd[1]; }
};

/// A pseudo terminal: a program that has made one, and another that believes it to be a serial device.
struct terminal : descriptors {
  std::string name;
  terminal() {
    fd[0] = ::posix_openpt(O_RDWR | O_NOCTTY);
    REQUIRE(fd[0] >= 0);
    REQUIRE(::grantpt(fd[0]) == 0);
    REQUIRE(::unlockpt(fd[0]) == 0);
    char to[64];
    REQUIRE(::ptsname_r(fd[0], to, sizeof to) == 0);
    name = to;
    fd[1] = weir::open_serial(to, 115200);
    REQUIRE(fd[1] >= 0);
  }
  int a_in() const { return fd[0]; }
  int a_out() const { return fd[0]; }
  int b_in() const { return fd[1]; }
  int b_out() const { return fd[1]; }
};

typedef weir::byte_stream<faulty_port<weir::posix_port::handle_type>> stream;

template <class Medium>
struct pair_over {
  static constexpr bool keeps = true;

  Medium medium;
  byte_faults faults;
  weir::posix_port a_port{medium.a_in(), medium.a_out()};
  weir::posix_port b_port{medium.b_in(), medium.b_out()};
  stream a_{{a_port.handle(), &faults}};
  stream b_{{b_port.handle(), &faults}};

  stream& a() { return a_; }
  stream& b() { return b_; }
  void pump(bool wait) {
    pollfd both[2] = {{medium.a_in(), POLLIN, 0}, {medium.b_in(), POLLIN, 0}};
    ::poll(both, 2, wait ? 1 : 0);
  }
  void damage(unsigned per_mille) { faults.per_mille = per_mille; }
};
typedef pair_over<pipes> pipe_pair;
typedef pair_over<sockets> socket_pair;
typedef pair_over<terminal> terminal_pair;

typedef weir::byte_stream<weir::posix_port::handle_type> plain_stream;

weir::status send(plain_stream& s, const data& d) { return s.send(weir::const_bytes(d.data(), d.size())); }
data receive(plain_stream& s, data& into) {
  const std::size_t size = s.receive(weir::bytes(into.data(), into.size()));
  return data(into.begin(), into.begin() + static_cast<std::ptrdiff_t>(size));
}
int signals_seen = 0;

}  // namespace

TEST_CASE_TEMPLATE("the contract of a transport, over descriptors", Pair, pipe_pair, socket_pair, terminal_pair) {
  transport_conformance::check<Pair>();
}

TEST_CASE("what came before the other end was closed can be read; then the port says that it has ended") {
  sockets m;
  weir::posix_port a(m.a_in()), b(m.b_in());
  plain_stream from(a.handle()), to(b.handle());
  data into(100);
  const data one = {1, 0, 1}, two = {2, 2};
  REQUIRE(send(from, one) == weir::status::ok);
  REQUIRE(send(from, two) == weir::status::ok);
  CHECK(receive(to, into) == one);
  descriptors::close(m.fd[0]);
  CHECK(receive(to, into) == two);
  CHECK(receive(to, into).empty());
  CHECK(!b.ok());
  CHECK(b.error() == 0);
  CHECK(receive(to, into).empty());
}

TEST_CASE("writing to a socket that nobody reads any more is a state, and no signal") {
  sockets m;
  weir::posix_port a(m.a_in());
  plain_stream from(a.handle());
  signals_seen = 0;
  const auto before = std::signal(SIGPIPE, [](int) { ++signals_seen; });
  descriptors::close(m.fd[1]);
  const data d(50, 1);
  CHECK(a.ok());
  CHECK(send(from, d) == weir::status::ok);  // gathered before the port knew
  CHECK(!a.ok());
  CHECK(a.error() == EPIPE);
  CHECK(signals_seen == 0);
  send(from, d);
  CHECK(send(from, d) == weir::status::busy);
  CHECK(signals_seen == 0);

  pipes p;  // a pipe has no such way of writing
  weir::posix_port b(p.a_in(), p.a_out());
  plain_stream into_pipe(b.handle());
  descriptors::close(p.fd[2]);
  CHECK(send(into_pipe, d) == weir::status::ok);
  CHECK(signals_seen == 1);
  CHECK(!b.ok());
  CHECK(b.error() == EPIPE);
  std::signal(SIGPIPE, before);
}

TEST_CASE("a stream goes on over a new descriptor, and half of what came by the old one spoils nothing") {
  sockets first, second;
  weir::posix_port a(first.a_in());
  plain_stream line(a.handle());
  data into(100);
  const uint8_t half[] = {9, 1, 2, 3};  // a run of eight, of which three are here
  REQUIRE(::write(first.fd[1], half, sizeof half) == sizeof half);
  CHECK(receive(line, into).empty());
  descriptors::close(first.fd[1]);
  CHECK(receive(line, into).empty());
  CHECK(!a.ok());

  a.attach(second.a_in());
  CHECK(a.ok());
  weir::posix_port b(second.b_in());
  plain_stream other(b.handle());
  const data d = {7, 7, 0, 7};
  REQUIRE(send(other, d) == weir::status::ok);
  CHECK(receive(line, into) == d);
  REQUIRE(send(line, d) == weir::status::ok);
  CHECK(receive(other, into) == d);
}

TEST_CASE("a descriptor that is none") {
  weir::posix_port port(-1);
  CHECK(!port.ok());
  CHECK(port.error() == EBADF);
  plain_stream line(port.handle());
  data into(10);
  CHECK(receive(line, into).empty());
  send(line, {1});
  CHECK(send(line, {1}) == weir::status::busy);
}

TEST_CASE("a serial device is opened raw, or it is said why not") {
  terminal t;
  termios s;
  REQUIRE(::tcgetattr(t.fd[1], &s) == 0);
  CHECK((s.c_lflag & (ICANON | ECHO | ISIG)) == 0);
  CHECK((s.c_iflag & (IXON | ICRNL | ISTRIP)) == 0);
  CHECK((s.c_oflag & OPOST) == 0);
  CHECK((s.c_cflag & CSIZE) == CS8);
  CHECK((s.c_cflag & (CSTOPB | PARENB)) == 0);
  CHECK(::cfgetospeed(&s) == B115200);

  errno = 0;
  CHECK(weir::open_serial(t.name.c_str(), 12345) == -1);
  CHECK(errno == EINVAL);
  errno = 0;
  CHECK(weir::open_serial("/nowhere/tty", 9600) == -1);
  CHECK(errno == ENOENT);
  errno = 0;
  CHECK(weir::open_serial("/dev/null", 9600) == -1);  // it is no terminal
  CHECK(errno == ENOTTY);
}
