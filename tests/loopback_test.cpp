// SPDX-License-Identifier: MIT
#include <weir/transport/buffered.hpp>
#include <weir/transport/loopback.hpp>
#include <weir/transport/star.hpp>

#include <doctest/doctest.h>
#include <type_traits>
#include <vector>

namespace {

typedef weir::loopback<16, 3> line_end;
typedef std::vector<uint8_t> data;

template <class Transport>
weir::status send(Transport& t, const data& d) {
  return t.send(weir::const_bytes(d.data(), d.size()));
}
template <class Transport>
data receive(Transport& t, size_t room = 16) {
  data into(room + 1, 0xaa);
  const size_t size = t.receive(weir::bytes(into.data(), room));
  REQUIRE(into[room] == 0xaa);
  into.resize(size);
  return into;
}

}  // namespace

TEST_CASE("a loopback line is first in, first out, both ways, and says busy when it is full") {
  static line_end::line line;
  static_assert(std::is_trivially_default_constructible<line_end::line>::value, "all-zero storage is an empty line");
  line_end w = line_end::worker_end(line), c = line_end::coordinator_end(line);
  CHECK(line_end::mtu() == 16);
  CHECK(receive(w).empty());
  for (int turn = 0; turn < 5; ++turn) {
    CHECK(send(w, {1}) == weir::status::ok);
    CHECK(send(w, {2, 2}) == weir::status::ok);
    CHECK(send(w, {3, 3, 3}) == weir::status::ok);
    CHECK(send(w, {4}) == weir::status::busy);
    CHECK(send(c, {9}) == weir::status::ok);
    CHECK(receive(c) == data{1});
    CHECK(send(w, data(16, 5)) == weir::status::ok);
    CHECK(send(w, data(17, 5)) == weir::status::too_big);
    CHECK(receive(c) == data{2, 2});
    CHECK(receive(c) == data{3, 3, 3});
    CHECK(receive(c) == data(16, 5));
    CHECK(receive(c).empty());
    CHECK(receive(w) == data{9});
    CHECK(receive(w).empty());
  }
}

TEST_CASE("a datagram too big for the receiver is lost, the next one is not") {
  line_end::line line{};
  line_end w = line_end::worker_end(line), c = line_end::coordinator_end(line);
  send(w, data(10, 1));
  send(w, data(9, 2));
  CHECK(receive(c, 9) == data(9, 2));
  CHECK(receive(c, 9).empty());
}

TEST_CASE("a buffered line carries what both the line and the buffers carry") {
  line_end::line line{};
  line_end far = line_end::coordinator_end(line);
  weir::buffered<line_end, 40> large{line_end::worker_end(line)};
  weir::buffered<line_end, 12> small{line_end::worker_end(line)};
  CHECK(large.mtu() == 16);
  CHECK(small.mtu() == 12);
  CHECK(send(large, data(17, 1)) == weir::status::too_big);
  CHECK(send(small, data(13, 1)) == weir::status::too_big);
  CHECK(send(large, data(16, 1)) == weir::status::ok);
  CHECK(receive(far) == data(16, 1));
}

TEST_CASE("the lines of a star take turns") {
  line_end::line lines[3] = {};
  line_end workers[3] = {line_end::worker_end(lines[0]), line_end::worker_end(lines[1]),
                         line_end::worker_end(lines[2])};
  line_end ends[3] = {line_end::coordinator_end(lines[0]), line_end::coordinator_end(lines[1]),
                      line_end::coordinator_end(lines[2])};
  weir::star<line_end> hub{weir::span<line_end>(ends)};

  CHECK(receive(hub).empty());
  for (uint8_t i = 0; i < 3; ++i) send(workers[0], {i});  // a chatty one does not keep the others away
  send(workers[2], {22});
  send(workers[1], {11});
  std::vector<data> got;
  for (data d = receive(hub); !d.empty(); d = receive(hub)) got.push_back(d);
  REQUIRE(got.size() == 5);
  CHECK(got[0] == data{0});
  CHECK(got[1] == data{11});
  CHECK(got[2] == data{22});
  CHECK(got[3] == data{1});
  CHECK(got[4] == data{2});
}

TEST_CASE("a star sends to one rank, or to all whose line has room") {
  line_end::line lines[2] = {};
  line_end workers[2] = {line_end::worker_end(lines[0]), line_end::worker_end(lines[1])};
  line_end ends[2] = {line_end::coordinator_end(lines[0]), line_end::coordinator_end(lines[1])};
  weir::star<line_end> hub{weir::span<line_end>(ends)};
  const uint8_t b[] = {1};

  CHECK(hub.send(1, weir::const_bytes(b)) == weir::status::ok);
  CHECK(hub.send(1, weir::const_bytes(b)) == weir::status::ok);
  CHECK(hub.send(1, weir::const_bytes(b)) == weir::status::ok);
  CHECK(hub.send(1, weir::const_bytes(b)) == weir::status::busy);
  CHECK(hub.send(2, weir::const_bytes(b)) == weir::status::wrong_rank);
  hub.broadcast(weir::const_bytes(b));
  CHECK(receive(workers[0]) == data{1});
  CHECK(receive(workers[0]).empty());
  for (int i = 0; i < 3; ++i) CHECK(receive(workers[1]) == data{1});
  CHECK(receive(workers[1]).empty());
}
