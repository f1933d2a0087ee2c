// SPDX-License-Identifier: MIT
// The transports over Asio, on sockets of this machine and a pseudo terminal: the contract, lines that are lost and come back,
// callers that misbehave, and a thousand of them.
#include <weir/transport/asio.hpp>
#include <weir/transport/buffered.hpp>
#include <weir/transport/byte_stream.hpp>
#include <weir/transport/posix_port.hpp>

#include <doctest/doctest.h>
#include <algorithm>
#include <array>
#include <asio/read.hpp>
#include <cstdlib>
#include <string>

#include <sys/resource.h>

#include "support/transport_conformance.hpp"

namespace {

using transport_conformance::byte_faults;
using transport_conformance::data;
using transport_conformance::faulty_port;
using udp = asio::ip::udp;
using tcp = asio::ip::tcp;

const asio::ip::address here = asio::ip::address_v4::loopback();
const std::chrono::milliseconds at_most{5000};  // for what happens at once, unless it never does

weir::const_bytes view(const data& d) { return weir::const_bytes(d.data(), d.size()); }

/// Runs until `done()`; false if that never comes.
template <class Done>
bool run_until(asio::io_context& io, Done&& done) {
  for (int i = 0; i < 100000; ++i) {
    if (done()) return true;
    if (io.run_one_for(at_most) == 0 && !done()) return false;
  }
  return false;
}
void run(asio::io_context& io, bool wait) {
  if (wait)
    io.run_one_for(std::chrono::milliseconds(1));
  else
    io.poll();
}

template <class End>
data receive(asio::io_context& io, End& end, std::size_t room = 2000) {
  data into(room);
  std::size_t size = 0;
  run_until(io, [&] { return (size = end.receive(weir::bytes(into.data(), room))) != 0; });
  into.resize(size);
  return into;
}
/// A frame by which a hub knows a rank.
data frame_of(uint16_t rank, uint8_t what = 0) {
  const weir::frame_header h = {weir::frame_kind::update, 0x1234, rank, 1, 0};
  return test_support::make(h, {what, 0, what});
}

/// A coordinator's side of the line to one rank.
template <class Hub>
struct hub_end {
  Hub* hub;
  uint16_t rank;
  std::size_t mtu() const { return hub->mtu(); }
  weir::status send(weir::const_bytes d) { return hub->send(rank, d); }
  std::size_t receive(weir::bytes into) { return hub->receive(into); }
};

template <class Line, class Hub, bool Keeps>
struct network_pair {
  static constexpr bool keeps = Keeps;

  asio::io_context io;
  Hub hub{io, typename Hub::endpoint(here, 0), 4};
  Line line{io, hub.local()};
  hub_end<Hub> b_{&hub, 0};

  network_pair() {
    REQUIRE(hub.ok());
    REQUIRE(run_until(io, [&] { return line.send(view(frame_of(0))) == weir::status::ok; }));
    REQUIRE(receive(io, hub) == frame_of(0));
    REQUIRE(hub.knows(0));
  }
  Line& a() { return line; }
  hub_end<Hub>& b() { return b_; }
  void pump(bool wait) { run(io, wait); }
};
typedef network_pair<weir::asio_udp_line, weir::asio_udp_hub, false> udp_pair;
typedef network_pair<weir::asio_tcp_line, weir::asio_tcp_hub, true> tcp_pair;

/// A pseudo terminal: the master is a descriptor, its other side the serial device.
struct terminal {
  int master = ::posix_openpt(O_RDWR | O_NOCTTY);
  std::string name;
  terminal() {
    REQUIRE(master >= 0);
    REQUIRE(::grantpt(master) == 0);
    REQUIRE(::unlockpt(master) == 0);
    char to[64];
    REQUIRE(::ptsname_r(master, to, sizeof to) == 0);
    name = to;
  }
  ~terminal() { close(); }
  void close() {
    if (master >= 0) ::close(master);
    master = -1;
  }
};

struct serial_pair {
  static constexpr bool keeps = true;
  typedef weir::byte_stream<faulty_port<weir::posix_port::handle_type>> a_stream;
  typedef weir::byte_stream<faulty_port<weir::asio_serial::handle_type>> b_stream;

  asio::io_context io;
  terminal pty;
  byte_faults faults;
  weir::asio_serial serial{io, pty.name, 115200};
  weir::posix_port port{pty.master};
  a_stream a_{{port.handle(), &faults}};
  b_stream b_{{serial.handle(), &faults}};

  serial_pair() { REQUIRE(serial.ok()); }
  a_stream& a() { return a_; }
  b_stream& b() { return b_; }
  void pump(bool wait) { run(io, wait); }
  void damage(unsigned per_mille) { faults.per_mille = per_mille; }
};

/// TCP through somebody in the middle who hangs up again and again, wherever in a datagram that is.
struct cut_pair {
  asio::io_context io;
  weir::asio_tcp_hub hub{io, tcp::endpoint(here, 0), 4};
  tcp::acceptor middle{io, tcp::endpoint(here, 0)};
  tcp::socket caller{io}, called{io};
  std::mt19937 rng{21};
  std::size_t left = 0;  // bytes until the next cut
  unsigned cuts = 0;
  weir::asio_tcp_line line{io, middle.local_endpoint(), options()};
  hub_end<weir::asio_tcp_hub> b_{&hub, 0};

  static weir::tcp_line_options options() {
    weir::tcp_line_options o;
    o.first_wait = o.longest_wait = std::chrono::milliseconds(1);
    return o;
  }
  cut_pair() { middle.non_blocking(true); }
  ~cut_pair() { CHECK(cuts > 10); }
  weir::asio_tcp_line& a() { return line; }
  hub_end<weir::asio_tcp_hub>& b() { return b_; }
  void pump(bool wait) {
    run(io, wait);
    asio::error_code e;
    if (!caller.is_open()) {
      middle.accept(caller, e);
      if (e) return;
      called.connect(hub.local());
      caller.non_blocking(true);
      called.non_blocking(true);
      left = 20 + rng() % 100;
    }
    pass(caller, called);
    pass(called, caller);
  }
  void pass(tcp::socket& from, tcp::socket& to) {
    if (!from.is_open()) return;
    std::array<uint8_t, 64> some;
    asio::error_code e;
    std::size_t size = from.read_some(asio::buffer(some), e);
    if (e == asio::error::would_block) return;
    size = std::min(size, left);
    left -= size;
    if (size != 0) to.write_some(asio::buffer(some.data(), size), e);
    if (!e && left != 0) return;
    ++cuts;
    caller.close();
    called.close();
  }
};

/// A caller who speaks TCP by hand.
struct stranger {
  asio::io_context* io;
  tcp::socket socket;
  stranger(asio::io_context& io_, const tcp::endpoint& to) : io(&io_), socket(io_) { socket.connect(to); }
  void say(const data& d) { asio::write(socket, asio::buffer(d)); }
  /// A datagram of less than 128 bytes.
  void say_datagram(data d) {
    d.insert(d.begin(), static_cast<uint8_t>(d.size()));
    say(d);
  }
  data hear(std::size_t size) {
    data d(size);
    REQUIRE(run_until(*io, [&] { return socket.available() >= size; }));
    asio::read(socket, asio::buffer(d));
    return d;
  }
  bool hung_up() {
    socket.non_blocking(true);
    return run_until(*io, [&] {
      uint8_t b;
      asio::error_code e;
      socket.read_some(asio::buffer(&b, 1), e);
      return e && e != asio::error::would_block;
    });
  }
};

weir::tcp_line_options impatient() { return cut_pair::options(); }

}  // namespace

TEST_CASE_TEMPLATE("the contract of a transport, by Asio", Pair, udp_pair, tcp_pair, serial_pair) {
  transport_conformance::check<Pair>();
}

TEST_CASE("a fleet trains over TCP that is cut again and again") {
  transport_conformance::trains_through<cut_pair>(0, 0);
}

TEST_CASE("what a worker's pipeline takes is a plain value") {
  static_assert(std::is_trivially_copyable<weir::asio_udp_line::handle_type>::value, "");
  static_assert(std::is_trivially_copyable<weir::asio_tcp_line::handle_type>::value, "");
  static_assert(std::is_trivially_copyable<weir::byte_stream<weir::asio_serial::handle_type>>::value, "");
  static_assert(weir::is_transport<weir::asio_udp_line::handle_type>::value, "");
  static_assert(weir::is_transport<weir::asio_tcp_line::handle_type>::value, "");
  static_assert(!weir::detail::transport_has_idle<weir::asio_tcp_line::handle_type>::value,
                "sent bytes are free at once");
}

// ---- fleets ------------------------------------------------------------------------------------------------------------------

namespace {

template <class Line, class Hub>
void fleet_trains() {
  constexpr uint16_t ranks = 8, rounds = 10;
  typedef transport_conformance::worker_on<typename Line::handle_type> worker;
  asio::io_context io;
  Hub hub(io, typename Hub::endpoint(here, 0), ranks);
  std::vector<std::unique_ptr<Line>> lines;
  std::vector<worker> workers(ranks);
  std::vector<uint32_t> trained(ranks, 0);
  for (uint16_t r = 0; r < ranks; ++r) {
    lines.push_back(std::make_unique<Line>(io, hub.local()));
    transport_conformance::begin(workers[r], lines.back()->handle(), r);
  }
  test_support::small_coordinator c = {};
  c.begin(test_support::make_link(), weir::fleet_terms{ranks, 0, 0, 0});

  const auto done = [&] {
    return std::all_of(workers.begin(), workers.end(), [](worker& w) { return w.round_number() == rounds; });
  };
  uint32_t now = 0;
  for (; now < 1000000 && !done(); now += 10) {
    for (uint16_t r = 0; r < ranks; ++r) {
      if (c.round_number() < rounds) transport_conformance::train_once_a_round(workers[r], trained[r]);
      workers[r].poll(now);
    }
    c.poll(hub, now);
    run(io, now % 40 == 0);
  }
  REQUIRE(done());
  CHECK(c.round_number() == rounds);
  for (worker& w : workers)
    CHECK(std::memcmp(w.weights().data(), c.weights().data(),
                      sizeof(test_support::small_number) * test_support::small_net::parameters()) == 0);
}

}  // namespace

TEST_CASE("eight workers and a coordinator over UDP") { fleet_trains<weir::asio_udp_line, weir::asio_udp_hub>(); }
TEST_CASE("eight workers and a coordinator over TCP") { fleet_trains<weir::asio_tcp_line, weir::asio_tcp_hub>(); }

// ---- UDP ---------------------------------------------------------------------------------------------------------------------

TEST_CASE("a UDP hub finds a rank where its last whole frame came from") {
  asio::io_context io;
  weir::asio_udp_hub hub(io, udp::endpoint(here, 0), 3);
  weir::asio_udp_line one(io, hub.local()), two(io, hub.local()), three(io, hub.local());
  const data d = {4, 4};
  CHECK(hub.send(0, view(d)) == weir::status::wrong_rank);
  CHECK(hub.send(3, view(d)) == weir::status::wrong_rank);
  hub.broadcast(view(d));

  const auto speaks = [&](weir::asio_udp_line& from, const data& what) {
    REQUIRE(from.send(view(what)) == weir::status::ok);
    REQUIRE(receive(io, hub) == what);
  };
  speaks(one, frame_of(0));
  speaks(two, frame_of(2));
  CHECK(hub.where(0) == one.local());
  CHECK(hub.where(2) == two.local());
  CHECK(!hub.knows(1));
  CHECK(hub.where(1) == udp::endpoint());

  hub.broadcast(view(d));
  CHECK(receive(io, one) == d);
  CHECK(receive(io, two) == d);
  CHECK(hub.send(2, view({5})) == weir::status::ok);
  CHECK(receive(io, two) == data{5});
  CHECK(hub.send(1, view(d)) == weir::status::wrong_rank);

  // What is damaged, is said by a coordinator, or names a rank that is not here, moves nobody, and is handed on all the same.
  data damaged = frame_of(0);
  damaged[6] ^= 1;
  speaks(three, damaged);
  speaks(three, {0});
  const weir::frame_header h = {weir::frame_kind::refusal, 0x1234, 0, 0, 0};
  speaks(three, test_support::make(h, {6}));
  speaks(three, frame_of(3));
  speaks(three, frame_of(0x3fff));
  CHECK(hub.where(0) == one.local());

  speaks(three, frame_of(0));
  CHECK(hub.where(0) == three.local());
  CHECK(hub.send(0, view({6})) == weir::status::ok);
  CHECK(receive(io, three) == data{6});
  hub.broadcast(view({7}));
  CHECK(receive(io, three) == data{7});
  CHECK(receive(io, two) == data{7});
  data into(10);
  CHECK(one.receive(weir::bytes(into.data(), into.size())) == 0);
}

TEST_CASE("a UDP line hears its coordinator alone") {
  asio::io_context io;
  weir::asio_udp_hub hub(io, udp::endpoint(here, 0), 1);
  weir::asio_udp_line line(io, hub.local());
  udp::socket other(io, udp::endpoint(here, 0));
  REQUIRE(line.send(view(frame_of(0))) == weir::status::ok);
  REQUIRE(!receive(io, hub).empty());
  const data d = {1, 2, 3};
  other.send_to(asio::buffer(d), line.local());
  REQUIRE(hub.send(0, view({9})) == weir::status::ok);
  CHECK(receive(io, line) == data{9});
}

TEST_CASE("each datagram wakes a program that sleeps in its io_context") {
  asio::io_context io;
  weir::asio_udp_hub hub(io, udp::endpoint(here, 0), 1);
  weir::asio_udp_line line(io, hub.local());
  data into(100);
  for (uint8_t i = 0; i < 5; ++i) {
    CAPTURE(i);
    CHECK(hub.receive(weir::bytes(into.data(), into.size())) == 0);
    CHECK(line.receive(weir::bytes(into.data(), into.size())) == 0);
    REQUIRE(line.send(view(frame_of(0, i))) == weir::status::ok);
    REQUIRE(line.send(view({i, i})) == weir::status::ok);
    CHECK(io.run_one_for(at_most) == 1);
    CHECK(hub.receive(weir::bytes(into.data(), into.size())) == frame_of(0).size());
    CHECK(io.run_one_for(at_most) == 1);  // one of two is still there
    CHECK(hub.receive(weir::bytes(into.data(), into.size())) == 2);
    REQUIRE(hub.send(0, view({i})) == weir::status::ok);
    run(io, true);
    REQUIRE(receive(io, line) == data{i});
    io.poll();
  }
}

TEST_CASE("a UDP line survives that nobody is there, and works when somebody is") {
  asio::io_context io;
  auto hub = std::make_unique<weir::asio_udp_hub>(io, udp::endpoint(here, 0), 1);
  const udp::endpoint at = hub->local();
  hub.reset();
  weir::asio_udp_line line(io, at);
  data into(10);
  for (int i = 0; i < 5; ++i) {
    CHECK(line.send(view({1})) == weir::status::ok);  // it is lost, and the next one is not to blame
    CHECK(line.send(view({1})) == weir::status::ok);
    CHECK(line.receive(weir::bytes(into.data(), into.size())) == 0);
  }
  CHECK(line.error() == asio::error::connection_refused);
  CHECK(line.ok());
  hub = std::make_unique<weir::asio_udp_hub>(io, at, 1);
  REQUIRE(hub->ok());
  CHECK(line.send(view(frame_of(0))) == weir::status::ok);
  CHECK(receive(io, *hub) == frame_of(0));
}

TEST_CASE("where the network is not there a UDP line is busy") {
  asio::io_context io;
  const udp::endpoint nowhere(asio::ip::make_address("255.255.255.255"),
                              9);  // a broadcast, which has to be allowed first
  weir::asio_udp_line line(io, nowhere);
  CHECK(!line.ok());
  CHECK(line.error());
  CHECK(line.send(view({1})) == weir::status::busy);
  CHECK(line.send(view(data(2000, 1))) == weir::status::too_big);
  data into(10);
  CHECK(line.receive(weir::bytes(into.data(), into.size())) == 0);
}

TEST_CASE("a hub that cannot listen says so") {
  asio::io_context io;
  data into(10);
  weir::asio_udp_hub first(io, udp::endpoint(here, 0), 1), second(io, first.local(), 1);
  CHECK(first.ok());
  CHECK(!second.ok());
  CHECK(second.error() == asio::error::address_in_use);
  CHECK(second.receive(weir::bytes(into.data(), into.size())) == 0);
  second.broadcast(view({1}));

  weir::asio_tcp_hub third(io, tcp::endpoint(here, 0), 1), fourth(io, third.local(), 1);
  CHECK(third.ok());
  CHECK(!fourth.ok());
  CHECK(fourth.error() == asio::error::address_in_use);
  CHECK(fourth.receive(weir::bytes(into.data(), into.size())) == 0);
  CHECK(fourth.send(0, view({1})) == weir::status::wrong_rank);
}

TEST_CASE("large UDP datagrams, for those who want them") {
  asio::io_context io;
  weir::asio_udp_hub hub(io, udp::endpoint(here, 0), 1, 100000);
  weir::asio_udp_line line(io, hub.local(), weir::max_udp_mtu());
  CHECK(hub.mtu() == 65507);
  std::mt19937 rng{6};
  const data d = transport_conformance::random_bytes(65507, rng);
  REQUIRE(line.send(view(d)) == weir::status::ok);
  CHECK(receive(io, hub, 65507) == d);
}

// ---- TCP ---------------------------------------------------------------------------------------------------------------------

TEST_CASE("the bytes on a TCP line: a size as LEB128, and the datagram") {
  asio::io_context io;
  weir::tcp_hub_options options;
  options.connection.mtu = weir::max_tcp_mtu() + 1;
  weir::asio_tcp_hub hub(io, tcp::endpoint(here, 0), 1, options);
  CHECK(hub.mtu() == 0x1fffff);
  stranger s(io, hub.local());
  s.say_datagram(frame_of(0));
  REQUIRE(receive(io, hub) == frame_of(0));

  const std::vector<std::pair<std::size_t, data>> golden = {{1, {0x01}},
                                                            {127, {0x7f}},
                                                            {128, {0x80, 0x01}},
                                                            {300, {0xac, 0x02}},
                                                            {16383, {0xff, 0x7f}},
                                                            {16384, {0x80, 0x80, 0x01}},
                                                            {40000, {0xc0, 0xb8, 0x02}}};
  std::mt19937 rng{7};
  for (const auto& g : golden) {
    CAPTURE(g.first);
    const data d = transport_conformance::random_bytes(g.first, rng);
    data line = g.second;
    line.insert(line.end(), d.begin(), d.end());
    REQUIRE(hub.send(0, view(d)) == weir::status::ok);
    CHECK(s.hear(line.size()) == line);

    for (const uint8_t b : line) {  // a byte at a time, and all at once
      if (line.size() > 1000) break;
      s.say({b});
      run(io, false);
    }
    if (line.size() <= 1000) CHECK(receive(io, hub, d.size()) == d);
    data three;
    for (int i = 0; i < 3; ++i) three.insert(three.end(), line.begin(), line.end());
    three.insert(three.begin(), 0);  // says nothing
    s.say(three);
    for (int i = 0; i < 3; ++i) CHECK(receive(io, hub, d.size()) == d);
  }
  // The largest there is.
  data line = {0xff, 0xff, 0x7f};
  line.resize(3 + 0x1fffff, 3);
  asio::async_write(s.socket, asio::buffer(line), [](const asio::error_code& e, std::size_t) { CHECK(!e); });
  CHECK(receive(io, hub, 0x1fffff).size() == 0x1fffff);
}

TEST_CASE("who says no size is hung up on, and others are not") {
  asio::io_context io;
  weir::tcp_hub_options options;
  options.connection.mtu = 100;
  weir::asio_tcp_hub hub(io, tcp::endpoint(here, 0), 2, options);
  stranger good(io, hub.local());
  good.say_datagram(frame_of(0));
  REQUIRE(receive(io, hub) == frame_of(0));
  for (const data& nonsense :
       {data{0x80, 0x80, 0x80}, data{0x80, 0x00}, data{0xff, 0xff, 0x00}, data{0xff, 0xff, 0xff}}) {
    stranger bad(io, hub.local());
    bad.say_datagram(frame_of(1));
    bad.say(nonsense);
    REQUIRE(receive(io, hub) == frame_of(1));
    REQUIRE(run_until(io, [&] { return !hub.knows(1); }));
    CHECK(bad.hung_up());
    CHECK(hub.connections() == 1);
  }
  // A datagram above the mtu is passed over, however large.
  data big = {0xff, 0xff, 0x3f};
  big.resize(3 + 0xfffff, 7);
  bool said = false;
  asio::async_write(good.socket, asio::buffer(big), [&](const asio::error_code& e, std::size_t) { said = !e; });
  REQUIRE(run_until(io, [&] { return said; }));
  good.say_datagram({5, 5});
  CHECK(receive(io, hub) == data{5, 5});

  std::mt19937 rng{8};
  for (int turn = 0; turn < 50; ++turn) {
    stranger noisy(io, hub.local());
    noisy.say(transport_conformance::random_bytes(1 + rng() % 3000, rng));
    good.say_datagram({6, static_cast<uint8_t>(turn)});
    bool heard = false;
    REQUIRE(run_until(io, [&] {
      data into(100);
      const std::size_t size = hub.receive(weir::bytes(into.data(), into.size()));
      heard = heard || (size == 2 && into[0] == 6 && into[1] == turn);
      return heard;
    }));
  }
  REQUIRE(run_until(io, [&] { return hub.receive(weir::bytes()) == 0 && hub.connections() == 1; }));
}

TEST_CASE("a TCP line comes back when its coordinator does, and frames flow again") {
  asio::io_context io;
  auto hub = std::make_unique<weir::asio_tcp_hub>(io, tcp::endpoint(here, 0), 1);
  const tcp::endpoint at = hub->local();
  weir::asio_tcp_line line(io, at, impatient());
  for (uint32_t life = 1; life <= 4; ++life) {
    CAPTURE(life);
    REQUIRE(run_until(io, [&] { return line.connected(); }));
    CHECK(line.connects() == life);
    REQUIRE(line.send(view(frame_of(0))) == weir::status::ok);
    CHECK(receive(io, *hub) == frame_of(0));
    REQUIRE(hub->send(0, view({1, 2, 3})) == weir::status::ok);
    CHECK(receive(io, line) == data{1, 2, 3});

    hub.reset();
    REQUIRE(run_until(io, [&] { return !line.connected(); }));
    CHECK(line.error());
    CHECK(line.send(view({1})) == weir::status::busy);
    const asio::error_code lost = line.error();
    if (life % 2 == 0)  // nobody is there for a while
      REQUIRE(run_until(io, [&] { return line.error() == asio::error::connection_refused; }));
    else
      CHECK(lost != asio::error::connection_refused);
    hub = std::make_unique<weir::asio_tcp_hub>(io, at, 1);
    REQUIRE(hub->ok());
  }
}

TEST_CASE("what had arrived before a TCP line was lost is still received") {
  asio::io_context io;
  tcp::acceptor there(io, tcp::endpoint(here, 0));
  weir::asio_tcp_line line(io, there.local_endpoint(), impatient());
  tcp::socket s = there.accept();
  asio::write(s, asio::buffer(data{1, 7, 2, 8, 8, 3, 9}));  // the last one is not whole
  s.close();
  CHECK(receive(io, line) == data{7});
  CHECK(receive(io, line) == data{8, 8});
  REQUIRE(run_until(io, [&] { return line.connects() == 2; }));
  s = there.accept();
  asio::write(s, asio::buffer(data{2, 4, 5}));
  CHECK(receive(io, line) == data{4, 5});
}

#if defined(TCP_USER_TIMEOUT)
TEST_CASE("the system is told to give up a TCP line whose other end has gone without a word") {
  asio::io_context io;
  weir::tcp_hub_options hub_options;
  hub_options.connection.give_up = std::chrono::seconds(31);
  weir::tcp_line_options line_options;
  line_options.connection.give_up = std::chrono::seconds(1);  // too short for three probes
  weir::asio_tcp_hub hub(io, tcp::endpoint(here, 0), 1, hub_options);
  weir::asio_tcp_line line(io, hub.local(), line_options);
  REQUIRE(run_until(io, [&] { return line.connected() && hub.connections() == 1; }));
  std::vector<std::array<int, 4>> found;
  for (int fd = 0; fd < 1024; ++fd) {
    const int names[] = {TCP_USER_TIMEOUT, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT};
    std::array<int, 4> values{};
    for (std::size_t i = 0; i < 4; ++i) {
      socklen_t size = sizeof values[i];
      ::getsockopt(fd, IPPROTO_TCP, names[i], &values[i], &size);
    }
    if (values[0] != 0) found.push_back(values);
  }
  std::sort(found.begin(), found.end());
  REQUIRE(found.size() == 2);
  CHECK(found[0] == std::array<int, 4>{6000, 3, 1, 3});
  CHECK(found[1] == std::array<int, 4>{31000, 15, 5, 3});
}
#endif

TEST_CASE("tries come ever later, up to a limit, and not all at the same time") {
  using std::chrono::milliseconds;
  weir::back_off b(milliseconds(200), milliseconds(30000), 1), other(milliseconds(200), milliseconds(30000), 2);
  bool differ = false;
  for (int life = 0; life < 3; ++life) {
    for (int64_t whole : {200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000, 30000}) {
      const milliseconds t = b.next();
      CHECK(t <= milliseconds(whole));
      CHECK(t >= milliseconds(whole / 2));
      differ = differ || t != other.next();
    }
    b.reset();
    other.reset();
  }
  CHECK(differ);
  weir::back_off lazy(milliseconds(0), milliseconds::max(), 1);  // no overflow, however long it goes on, and no race
  for (int i = 0; i < 200; ++i) {
    const milliseconds t = lazy.next();
    CHECK(t >= milliseconds(1));
    CHECK(t <= std::chrono::hours(24));
  }
  weir::back_off odd(milliseconds(50), milliseconds(20), 1);
  CHECK(odd.next() <= milliseconds(20));
}

TEST_CASE("a rank that calls again takes its place, and the line it had is closed unless others are on it") {
  asio::io_context io;
  weir::asio_tcp_hub hub(io, tcp::endpoint(here, 0), 3);
  stranger first(io, hub.local()), second(io, hub.local()), third(io, hub.local());
  const auto speaks = [&](stranger& s, const data& d) {
    s.say_datagram(d);
    REQUIRE(receive(io, hub) == d);
  };
  speaks(first, frame_of(0));
  speaks(first, frame_of(1));
  speaks(second, frame_of(0));
  REQUIRE(run_until(io, [&] { return hub.connections() == 3; }));  // rank 1 is still on the first
  REQUIRE(hub.send(0, view({7})) == weir::status::ok);
  CHECK(second.hear(2) == data{1, 7});
  REQUIRE(hub.send(1, view({8})) == weir::status::ok);
  CHECK(first.hear(2) == data{1, 8});
  hub.broadcast(view({9}));  // nobody knows the third
  CHECK(first.hear(2) == data{1, 9});
  CHECK(second.hear(2) == data{1, 9});

  speaks(third, frame_of(1));
  CHECK(hub.connections() == 2);
  CHECK(first.hung_up());
  hub.broadcast(view({3}));
  CHECK(second.hear(2) == data{1, 3});
  CHECK(third.hear(2) == data{1, 3});

  data damaged = frame_of(0);
  damaged[6] ^= 1;
  speaks(third, damaged);
  speaks(third, frame_of(3));
  REQUIRE(hub.send(0, view({4})) == weir::status::ok);
  CHECK(second.hear(2) == data{1, 4});
  second.socket.close();
  REQUIRE(run_until(io, [&] { return hub.connections() == 1; }));
  CHECK(hub.send(0, view({4})) == weir::status::wrong_rank);
  CHECK(hub.knows(1));
}

TEST_CASE("who does not read misses broadcasts, and nobody else does; memory stays as it is") {
  asio::io_context io;
  weir::tcp_hub_options options;
  options.connection.queue_bytes = 1000;
  weir::asio_tcp_hub hub(io, tcp::endpoint(here, 0), 2, options);
  stranger sleeper(io, hub.local());
  weir::asio_tcp_line reader(io, hub.local());
  sleeper.say_datagram(frame_of(0));
  REQUIRE(receive(io, hub) == frame_of(0));
  REQUIRE(run_until(io, [&] { return reader.connected(); }));
  REQUIRE(reader.send(view(frame_of(1))) == weir::status::ok);
  REQUIRE(receive(io, hub) == frame_of(1));

  const data d(10000, 5);  // more than the queue: it goes alone
  uint32_t sent = 0;
  for (; sent < 10000 && hub.missed() < 20; ++sent) {
    hub.broadcast(view(d));
    REQUIRE(receive(io, reader, 10000) == d);
  }
  CHECK(hub.missed() == 20);
  CHECK(hub.send(0, view({1})) == weir::status::busy);
  CHECK(hub.send(1, view({1})) == weir::status::ok);
  CHECK(receive(io, reader) == data{1});

  // He wakes up: what was accepted is whole, and it goes on.
  const uint32_t accepted = sent - 20;
  data expected = {0x90, 0x4e};
  expected.insert(expected.end(), d.begin(), d.end());
  sleeper.socket.non_blocking(true);
  uint64_t heard = 0, wrong = 0;
  data some(65536);
  REQUIRE(run_until(io, [&] {
    for (;;) {
      asio::error_code e;
      const std::size_t size = sleeper.socket.read_some(asio::buffer(some), e);
      if (e) break;
      for (std::size_t i = 0; i < size; ++i)
        wrong += some[i] != expected[static_cast<std::size_t>(heard++ % expected.size())];
    }
    return heard == uint64_t{accepted} * expected.size();
  }));
  CHECK(wrong == 0);
  sleeper.socket.non_blocking(false);
  run(io, true);
  REQUIRE(hub.send(0, view({1})) == weir::status::ok);
  CHECK(sleeper.hear(2) == data{1, 1});
}

namespace {
/// Descriptors that the process may have, set back at the end.
struct descriptor_limit {
  rlimit before;
  descriptor_limit() { ::getrlimit(RLIMIT_NOFILE, &before); }
  ~descriptor_limit() { ::setrlimit(RLIMIT_NOFILE, &before); }
  rlim_t raise_to(rlim_t wanted) {
    rlimit l = before;
    l.rlim_cur = std::min(std::max(wanted, l.rlim_cur), l.rlim_max);
    ::setrlimit(RLIMIT_NOFILE, &l);
    return l.rlim_cur;
  }
  static void set(rlim_t n) {
    rlimit l;
    ::getrlimit(RLIMIT_NOFILE, &l);
    l.rlim_cur = n;
    ::setrlimit(RLIMIT_NOFILE, &l);
  }
};
}  // namespace

TEST_CASE("a thousand TCP lines at one hub") {
  descriptor_limit limit;
  const rlim_t most = limit.raise_to(2200);
  const uint16_t ranks = most >= 2200 ? 1000 : static_cast<uint16_t>((most - 100) / 2);  // two each, both are ours
  CAPTURE(ranks);
  REQUIRE(ranks >= 400);
  asio::io_context io;
  weir::asio_tcp_hub hub(io, tcp::endpoint(here, 0), ranks);
  std::vector<std::unique_ptr<weir::asio_tcp_line>> lines;
  for (uint16_t r = 0; r < ranks; ++r)
    lines.push_back(std::make_unique<weir::asio_tcp_line>(io, hub.local(), impatient()));
  REQUIRE(run_until(io, [&] {
    return hub.connections() == ranks &&
           std::all_of(lines.begin(), lines.end(), [](auto& l) { return l->connected(); });
  }));

  std::vector<bool> heard(ranks);
  for (uint16_t r = 0; r < ranks; ++r) REQUIRE(lines[r]->send(view(frame_of(r, 1))) == weir::status::ok);
  for (uint16_t i = 0; i < ranks; ++i) {
    const data d = receive(io, hub);
    weir::frame_header h;
    weir::const_bytes body;
    REQUIRE(weir::wire::open(view(d), h, body) == weir::status::ok);
    REQUIRE(!heard[h.rank]);
    heard[h.rank] = true;
    REQUIRE(hub.send(h.rank, view(frame_of(h.rank, 2))) == weir::status::ok);
  }
  hub.broadcast(view({1, 2, 3}));
  for (uint16_t r = 0; r < ranks; ++r) {
    REQUIRE(receive(io, *lines[r]) == frame_of(r, 2));
    REQUIRE(receive(io, *lines[r]) == data{1, 2, 3});
  }
  CHECK(hub.missed() == 0);

  for (uint16_t r = 0; r < ranks; r = static_cast<uint16_t>(r + 2)) lines[r].reset();
  REQUIRE(run_until(io, [&] { return hub.connections() == ranks / 2u; }));
  for (uint16_t r = 0; r < ranks; ++r) REQUIRE(hub.knows(r) == (r % 2 == 1));
  hub.broadcast(view({4}));
  for (uint16_t r = 1; r < ranks; r = static_cast<uint16_t>(r + 2)) REQUIRE(receive(io, *lines[r]) == data{4});
}

TEST_CASE("where the system has no descriptor left, callers wait, and are taken when there is one again") {
  descriptor_limit limit;
  asio::io_context io;
  weir::tcp_hub_options options;
  options.accept_again = std::chrono::milliseconds(1);
  weir::asio_tcp_hub hub(io, tcp::endpoint(here, 0), 2, options);
  stranger first(io, hub.local());
  REQUIRE(run_until(io, [&] { return hub.connections() == 1; }));
  stranger second(io, hub.local());
  const int free = ::dup(0);
  ::close(free);
  descriptor_limit::set(static_cast<rlim_t>(free));
  REQUIRE(run_until(io, [&] { return static_cast<bool>(hub.error()); }));
  CHECK(hub.error() == asio::error::no_descriptors);
  CHECK(hub.connections() == 1);
  CHECK(hub.ok());
  first.say_datagram(frame_of(0));  // who is there is served meanwhile
  CHECK(receive(io, hub) == frame_of(0));
  ::setrlimit(RLIMIT_NOFILE, &limit.before);
  REQUIRE(run_until(io, [&] { return hub.connections() == 2; }));
  second.say_datagram(frame_of(1));
  CHECK(receive(io, hub) == frame_of(1));
}

TEST_CASE("a hub takes no more connections than it may, and goes on when one has gone") {
  asio::io_context io;
  weir::tcp_hub_options options;
  options.connections = 2;
  weir::asio_tcp_hub hub(io, tcp::endpoint(here, 0), 3, options);
  stranger first(io, hub.local()), second(io, hub.local()), third(io, hub.local());
  third.say_datagram(frame_of(2));
  first.say_datagram(frame_of(0));
  CHECK(receive(io, hub) == frame_of(0));
  io.poll();
  CHECK(hub.connections() == 2);
  CHECK(!hub.knows(2));
  second.socket.close();
  CHECK(receive(io, hub) == frame_of(2));
  CHECK(hub.connections() == 2);
}

// ---- serial ------------------------------------------------------------------------------------------------------------------

TEST_CASE("a serial device that is not there, that goes, and that comes back") {
  asio::io_context io;
  weir::asio_serial serial(io, "/nowhere/tty", 9600);
  CHECK(!serial.ok());
  CHECK(serial.error());
  CHECK(serial.handle().read() <= 0);
  CHECK(serial.handle().read() == -1);
  CHECK(!serial.handle().write(1));

  weir::byte_stream<weir::asio_serial::handle_type> line(serial.handle());
  for (int life = 0; life < 3; ++life) {
    terminal pty;
    serial.open(pty.name, 115200);
    REQUIRE(serial.ok());
    CHECK(!serial.error());
    weir::posix_port port(pty.master);
    weir::byte_stream<weir::posix_port::handle_type> other(port.handle());
    const data d = {1, 0, static_cast<uint8_t>(life)};
    if (life != 0) {  // what was on the way when it went may be here, and is nobody's
      REQUIRE(other.send(view(d)) == weir::status::ok);
      CHECK(receive(io, line) == d);
    }
    REQUIRE(other.send(view(d)) == weir::status::ok);
    CHECK(receive(io, line) == d);
    REQUIRE(line.send(view(d)) == weir::status::ok);
    REQUIRE(line.idle());
    CHECK(receive(io, other) == d);
    const uint8_t half[] = {9, 1, 2};
    io.poll();
    REQUIRE(::write(pty.master, half, sizeof half) == sizeof half);
    data into(10);
    REQUIRE(io.run_one_for(at_most) == 1);
    CHECK(line.receive(weir::bytes(into.data(), into.size())) == 0);
    pty.close();
    REQUIRE(run_until(io, [&] {
      line.receive(weir::bytes(into.data(), into.size()));
      return !serial.ok();
    }));
    CHECK(serial.error());
  }
}

TEST_CASE("what a serial device has taken is written whether or not anybody reads") {
  asio::io_context io;
  terminal pty;
  weir::asio_serial serial(io, pty.name, 115200);
  weir::posix_port port(pty.master);
  const auto out = serial.handle();
  data sent;
  for (int i = 0; i < 2000 && out.write(static_cast<uint8_t>(1 + i % 255)); ++i)
    sent.push_back(static_cast<uint8_t>(1 + i % 255));
  REQUIRE(sent.size() >= 600);  // more than one buffer,
  REQUIRE(sent.size() < 2000);  // and bounded
  data got;
  const auto in = port.handle();
  CHECK(in.read() == 0);
  run_until(io, [&] {
    for (int b = in.read(); b >= 0; b = in.read()) got.push_back(static_cast<uint8_t>(b));
    return got.size() >= sent.size();
  });
  got.resize(sent.size());
  CHECK(got == sent);
}

TEST_CASE("all of it may go before the io_context has run what was begun") {
  asio::io_context io;
  {
    weir::asio_udp_hub hub(io, udp::endpoint(here, 0), 1);
    weir::asio_udp_line line(io, hub.local());
    line.send(view({1}));
  }
  {
    weir::asio_tcp_hub hub(io, tcp::endpoint(here, 0), 1);
    weir::asio_tcp_line line(io, hub.local());
    weir::asio_tcp_line other(io, hub.local(), impatient());
    run_until(io, [&] { return line.connected() && hub.connections() == 2; });
    line.send(view(frame_of(0)));
  }
  {
    weir::asio_tcp_line nobody(io, tcp::endpoint(here, 1), impatient());
    run_until(io, [&] { return static_cast<bool>(nobody.error()); });
  }
  {
    terminal pty;
    weir::asio_serial serial(io, pty.name, 9600);
    for (int i = 0; i < 2000; ++i) serial.handle().write(5);
  }
  io.poll();
  CHECK(io.stopped());
}
