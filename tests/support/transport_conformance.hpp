// SPDX-License-Identifier: MIT
// What every transport must keep, as one test over a pair of ends that are joined:
//
//   TEST_CASE_TEMPLATE("pipes keep the contract", Pair, pipe_pair) { transport_conformance::check<Pair>(); }
//
// A Pair is default-constructible, and has
//
//   a(), b()           its ends, each a transport
//   pump(bool wait)    lets move what is under way; if `wait`, for an event, though not for long
//   keeps              a constant: what is accepted arrives, in order, and a reader who is away makes the sender busy
//   damage(per_mille)  only of streams: of the bytes on the line so many are lost, doubled, changed, or preceded by another
#pragma once

#include <doctest/doctest.h>
#include <cstring>
#include <deque>
#include <memory>
#include <random>
#include <type_traits>
#include <utility>
#include <vector>
#include <weir/weir.hpp>

#include "small_fleet.hpp"

namespace transport_conformance {

typedef std::vector<uint8_t> data;

/// How often a test looks for something that must come: by far more than it takes, or a failure would take for ever.
constexpr int patience = 20000;

template <class Pair, class = void>
struct has_damage : std::false_type {};
template <class Pair>
struct has_damage<Pair, std::void_t<decltype(std::declval<Pair&>().damage(0u))>> : std::true_type {};

/// Somebody at an end, who keeps the contract's word about buffers. Is a transport that lets its caller's bytes go.
template <class End>
class user {
 public:
  explicit user(End& end) : end_(&end) { set_room(end.mtu()); }

  std::size_t mtu() const { return end_->mtu(); }
  weir::status send(weir::const_bytes d) {
    other_.assign(d.begin(), d.end());  // what was sent last stays where it is until the next is accepted
    const weir::status s = end_->send(weir::const_bytes(other_.data(), other_.size()));
    if (s == weir::status::ok) out_.swap(other_);
    return s;
  }
  std::size_t receive(weir::bytes into) {
    take();
    if (inbox.empty()) return 0;
    const data d = std::move(inbox.front());
    inbox.pop_front();
    if (d.size() > into.size()) return 0;
    std::memcpy(into.data(), d.data(), d.size());
    return d.size();
  }

  /// Takes what has arrived, at most one datagram, into the inbox.
  void take() {
    const std::size_t size = end_->receive(weir::bytes(in_.data(), in_.size() - 1));
    REQUIRE(size < in_.size());
    REQUIRE(in_.back() == guard);
    if (size != 0) inbox.emplace_back(in_.begin(), in_.begin() + static_cast<std::ptrdiff_t>(size));
  }
  /// Bytes that what it takes may have.
  void set_room(std::size_t room) {
    in_.assign(room + 1, guard);
    in_.back() = guard;
  }

  std::deque<data> inbox;

 private:
  static constexpr uint8_t guard = 0xaa;
  End* end_;
  data out_;
  data other_;
  data in_;
};

/// Two users, and what the medium does meanwhile.
template <class Pair>
struct talk {
  typedef user<std::remove_reference_t<decltype(std::declval<Pair&>().a())>> a_user;
  typedef user<std::remove_reference_t<decltype(std::declval<Pair&>().b())>> b_user;

  std::unique_ptr<Pair> pair = std::make_unique<Pair>();
  a_user a{pair->a()};
  b_user b{pair->b()};

  void step(bool wait = false) {
    pair->pump(wait);
    a.take();
    b.take();
  }

  /// Sends, however long the line is busy.
  template <class From>
  void must_send(From& from, const data& d) {
    for (int i = 0; i < patience; ++i) {
      const weir::status s = from.send(weir::const_bytes(d.data(), d.size()));
      if (s == weir::status::ok) return;
      REQUIRE(s == weir::status::busy);
      step(true);
    }
    FAIL("busy for ever");
  }
  /// What comes next; empty if nothing does.
  template <class To>
  data next(To& to) {
    for (int i = 0; i < patience && to.inbox.empty(); ++i) step(i != 0);
    if (to.inbox.empty()) return data();
    const data d = std::move(to.inbox.front());
    to.inbox.pop_front();
    return d;
  }
  template <class From, class To>
  void carries(From& from, To& to, const data& d) {
    must_send(from, d);
    const data got = next(to);
    REQUIRE(got.size() == d.size());
    REQUIRE(got == d);
  }
  /// The line is as new: one each way arrives, and nothing is before it or behind it.
  void in_order() {
    carries(a, b, {1, 0, 2});
    carries(b, a, {3, 0, 0});
    step();
    CHECK(a.inbox.empty());
    CHECK(b.inbox.empty());
  }
};

inline data random_bytes(std::size_t n, std::mt19937& rng, unsigned values = 256) {
  data d(n);
  for (uint8_t& v : d) v = static_cast<uint8_t>(rng() % values);
  return d;
}
/// Number `i`, of `size` >= 4 bytes that follow from it.
inline data numbered(uint32_t i, std::size_t size) {
  std::mt19937 rng{i};
  data d = random_bytes(size, rng);
  weir::store32(d.data(), i);
  return d;
}

inline std::vector<std::size_t> sizes_to(std::size_t mtu) {
  std::vector<std::size_t> all;
  for (std::size_t n = 1; n <= mtu && n <= 260; ++n) all.push_back(n);
  for (const std::size_t n : {508u, 509u, 1023u, 1024u, 1025u, 2047u, 2048u, 2049u, 4096u, 10000u})
    if (n <= mtu) all.push_back(n);
  if (mtu > 260) all.push_back(mtu - 1);
  if (mtu > 260) all.push_back(mtu);
  return all;
}

// ---- what is checked, one by one ---------------------------------------------------------------------------------------

template <class Pair>
void bytes_go_through_unchanged() {
  talk<Pair> t;
  std::mt19937 rng{1};
  const std::size_t mtu = t.a.mtu() < t.b.mtu() ? t.a.mtu() : t.b.mtu();
  REQUIRE(mtu >= 64);
  for (const std::size_t n : sizes_to(mtu)) {
    CAPTURE(n);
    t.carries(t.a, t.b, data(n, 0));
    t.carries(t.b, t.a, data(n, 0xff));
    t.carries(t.a, t.b, random_bytes(n, rng));
    t.carries(t.b, t.a, random_bytes(n, rng, 2));
  }
  t.in_order();
}

template <class Pair>
void what_is_too_big_is_refused() {
  talk<Pair> t;
  const data a(t.a.mtu() + 1, 7), b(t.b.mtu() + 1, 8);
  CHECK(t.a.send(weir::const_bytes(a.data(), a.size())) == weir::status::too_big);
  CHECK(t.b.send(weir::const_bytes(b.data(), b.size())) == weir::status::too_big);
  t.in_order();
}

template <class Pair>
void of_nothing_comes_nothing() {
  talk<Pair> t;
  for (int i = 0; i < 10; ++i) t.step();
  CHECK(t.a.inbox.empty());
  CHECK(t.b.inbox.empty());
  t.in_order();
}

// Many at once, both ways: none is joined with another, none is split, and if the medium keeps them, they keep their order.
template <class Pair>
void datagrams_stay_whole() {
  talk<Pair> t;
  std::mt19937 rng{2};
  const std::size_t mtu = t.a.mtu() < t.b.mtu() ? t.a.mtu() : t.b.mtu();
  std::deque<data> to_a, to_b;
  const auto answer = [](auto& to, std::deque<data>& expected) {
    for (; !to.inbox.empty(); to.inbox.pop_front()) {
      if (!Pair::keeps)
        while (!expected.empty() && expected.front() != to.inbox.front()) expected.pop_front();
      REQUIRE(!expected.empty());
      REQUIRE(to.inbox.front() == expected.front());
      expected.pop_front();
    }
  };
  for (uint32_t i = 0; i < 1500; ++i) {
    const data d = numbered(i, 4 + rng() % (i % 50 == 0 ? mtu - 3 : 60));
    if (rng() % 2 != 0) {
      if (t.a.send(weir::const_bytes(d.data(), d.size())) == weir::status::ok) to_b.push_back(d);
    } else {
      if (t.b.send(weir::const_bytes(d.data(), d.size())) == weir::status::ok) to_a.push_back(d);
    }
    if (rng() % 3 == 0) t.pair->pump(false);
    if (rng() % 4 != 0) t.a.take();
    if (rng() % 4 != 0) t.b.take();
    answer(t.a, to_a);
    answer(t.b, to_b);
  }
  for (int i = 0; i < patience && Pair::keeps && !(to_a.empty() && to_b.empty()); ++i) {
    t.step(true);
    answer(t.a, to_a);
    answer(t.b, to_b);
  }
  if (Pair::keeps) CHECK(to_a.empty());
  if (Pair::keeps) CHECK(to_b.empty());
  for (int i = 0; i < 100; ++i) t.step();
  t.a.inbox.clear();
  t.b.inbox.clear();
  t.in_order();
}

// The other one is away: nobody waits, and nobody's memory grows without end. When he comes back he finds what was accepted.
template <class Pair>
void a_reader_who_is_away_blocks_nobody() {
  talk<Pair> t;
  const std::size_t size = t.a.mtu() < 1000 ? t.a.mtu() : 1000;
  uint32_t accepted = 0, refused = 0;
  while (refused < 200 && accepted < (Pair::keeps ? 200000u : 3000u)) {
    const data d = numbered(accepted, size);
    const weir::status s = t.a.send(weir::const_bytes(d.data(), d.size()));
    if (s == weir::status::ok) {
      ++accepted;
      refused = 0;
    } else {
      REQUIRE(s == weir::status::busy);
      ++refused;
      t.a.take();
    }
    t.pair->pump(refused > 190);
  }
  REQUIRE(accepted > 0);
  if (Pair::keeps) REQUIRE(refused == 200);

  uint32_t last = 0;
  for (uint32_t i = 0; i < accepted; ++i) {
    const data got = t.next(t.b);
    if (got.empty() && !Pair::keeps) break;
    REQUIRE(got.size() == size);
    const uint32_t number = weir::load32(got.data());
    REQUIRE(got == numbered(number, size));
    if (Pair::keeps) REQUIRE(number == i);
    if (i != 0 && !Pair::keeps) REQUIRE(number > last);
    last = number;
    if (!Pair::keeps && t.b.inbox.empty()) {
      t.step();
      if (t.b.inbox.empty()) break;
    }
  }
  t.in_order();
}

template <class Pair>
void what_does_not_fit_the_reader_is_dropped() {
  talk<Pair> t;
  std::mt19937 rng{3};
  t.b.set_room(40);
  for (const std::size_t n : {41u, 42u, 60u, 64u, 255u, 256u, 1000u, 1232u, 5000u, 16383u}) {
    if (n > t.a.mtu()) continue;
    CAPTURE(n);
    t.must_send(t.a, random_bytes(n, rng));
    t.carries(t.a, t.b, random_bytes(40, rng));
  }
  t.must_send(t.a, random_bytes(41, rng));
  t.must_send(t.a, data(64, 0));
  t.in_order();
}

// ---- faults, and training through them -----------------------------------------------------------------------------------

/// In one direction, datagrams are lost, doubled, late, cut, damaged: each so many of a thousand.
template <class User>
class unreliable {
 public:
  unreliable(User& user, unsigned per_mille, uint32_t seed) : user_(&user), per_mille_(per_mille), rng_(seed) {}

  std::size_t mtu() const { return user_->mtu(); }
  std::size_t receive(weir::bytes into) { return user_->receive(into); }
  weir::status send(weir::const_bytes d) {
    if (d.size() > mtu()) return weir::status::too_big;
    if (happens()) return weir::status::ok;
    data what(d.begin(), d.end());
    if (happens()) what.resize(rng_() % what.size());
    if (happens() && !what.empty()) what[rng_() % what.size()] ^= static_cast<uint8_t>(1u << rng_() % 8);
    if (happens()) what.swap(late_);
    if (what.empty()) return weir::status::ok;
    const weir::status s = pass(what);
    if (s == weir::status::ok && happens()) pass(what);
    return s;
  }

 private:
  bool happens() { return rng_() % 1000 < per_mille_; }
  weir::status pass(const data& d) { return user_->send(weir::const_bytes(d.data(), d.size())); }

  User* user_;
  unsigned per_mille_;
  std::mt19937 rng_;
  data late_;  // goes when another one takes its place
};

template <class Line>
struct hub_of {
  Line* line;
  std::size_t receive(weir::bytes into) { return line->receive(into); }
  weir::status send(uint16_t rank, weir::const_bytes d) {
    CHECK(rank == 0);
    return line->send(d);
  }
  void broadcast(weir::const_bytes d) { line->send(d); }
};
/// As a pipeline wants its transport: a plain value.
template <class Line>
struct line_to {
  Line* line;
  std::size_t mtu() const { return line->mtu(); }
  weir::status send(weir::const_bytes d) { return line->send(d); }
  std::size_t receive(weir::bytes into) { return line->receive(into); }
};

template <class Line>
using worker_on = weir::worker<test_support::small_number, test_support::small_net, weir::softmax_cross_entropy,
                               weir::pipeline<weir::sgd, weir::fixed_wt, weir::ternary, Line>>;

template <class Line>
void begin(worker_on<Line>& w, Line line, uint16_t rank) {
  typedef weir::pipeline<weir::sgd, weir::fixed_wt, weir::ternary, Line> pipe;
  w.begin(pipe{weir::sgd{0.1f}, weir::fixed_wt{0.002f}, weir::ternary{}, line}, weir::rank_t{rank});
}

/// Once in each round, the same sample whatever the network did: so the weights follow from the round alone.
template <class Worker>
void train_once_a_round(Worker& w, uint32_t& trained) {
  if (w.member_state() != weir::membership::member || w.in_flight() || w.round_number() != trained) return;
  weir::random_bits random(1000u * w.rank() + trained + 1);
  test_support::small_number x[5];
  for (test_support::small_number& v : x)
    v = test_support::small_number::from_raw(static_cast<int16_t>(static_cast<int32_t>(random.below(8192)) - 4096));
  w.train(x, random.below(3));
  ++trained;
}

constexpr uint16_t rounds_to_train = 12;

/// The hash of what one worker and its coordinator come to without anything between them.
inline uint32_t weights_without_a_line() {
  typedef worker_on<test_support::by_hand> worker;
  worker w = {};
  test_support::small_coordinator c = {};
  begin(w, test_support::by_hand{}, 0);
  c.begin(test_support::make_link(), weir::fleet_terms{1, 0, 0, 0});
  uint32_t trained = 0;
  for (uint32_t now = 0; c.round_number() < rounds_to_train; now += 10) {
    train_once_a_round(w, trained);
    const data d = test_support::copy(w.outgoing(now));
    if (!d.empty()) {
      w.sent(now);
      const auto o = c.handle(weir::const_bytes(d.data(), d.size()));
      const data answer = test_support::copy(o.answer);
      if (!answer.empty()) w.handle(weir::const_bytes(answer.data(), answer.size()), now);
    }
    if (c.round_due(now)) w.handle(c.close_round(now), now);
    REQUIRE(now < 10000);
  }
  return weir::wire::hash(c.weights().data(), test_support::small_net::parameters());
}

// To the bit-equal weights that two get to who have nothing between them.
template <class Pair>
void trains_through(unsigned per_mille_of_datagrams, unsigned per_mille_of_bytes) {
  talk<Pair> t;
  if constexpr (has_damage<Pair>::value) t.pair->damage(per_mille_of_bytes);
  typedef unreliable<typename talk<Pair>::a_user> up_line;
  typedef unreliable<typename talk<Pair>::b_user> down_line;
  up_line up(t.a, per_mille_of_datagrams, 11);
  down_line down(t.b, per_mille_of_datagrams, 12);

  worker_on<line_to<up_line>> w = {};
  begin(w, line_to<up_line>{&up}, 0);
  w.set_resend_ms(100);
  test_support::small_coordinator c = {};
  c.begin(test_support::make_link(), weir::fleet_terms{1, 0, 0, 0});
  hub_of<down_line> hub{&down};
  uint32_t trained = 0, now = 0;
  const auto done = [&] { return c.round_number() == rounds_to_train && w.round_number() == rounds_to_train; };
  for (int i = 0; i < patience && !done(); ++i, now += 10) {
    if (c.round_number() < rounds_to_train) train_once_a_round(w, trained);
    w.poll(now);
    c.poll(hub, now);
    t.pair->pump(i % 4 == 0);
  }
  REQUIRE(done());
  CHECK(std::memcmp(w.weights().data(), c.weights().data(),
                    sizeof(test_support::small_number) * test_support::small_net::parameters()) == 0);
  CHECK(weir::wire::hash(w.weights().data(), test_support::small_net::parameters()) == weights_without_a_line());
}

// Whatever was on the line: once it is clean again, the second datagram at the latest arrives, and what is next as well.
template <class Pair>
void finds_its_place_again() {
  talk<Pair> t;
  std::mt19937 rng{4};
  const std::size_t mtu = t.a.mtu() < 300 ? t.a.mtu() : 300;
  for (int turn = 0; turn < 40; ++turn) {
    CAPTURE(turn);
    t.pair->damage(static_cast<unsigned>(1 + rng() % 100));
    for (int i = 0; i < 10; ++i) {
      t.must_send(t.a, random_bytes(1 + rng() % mtu, rng));
      t.must_send(t.b, random_bytes(1 + rng() % mtu, rng));
      t.step();
    }
    for (int i = 0; i < 200; ++i) t.step();  // all that is accepted is on the line, damaged
    t.pair->damage(0);
    // Its first byte may follow a zero that got lost: that one is not for anybody.
    t.must_send(t.a, {9, 9});
    t.must_send(t.b, {9, 9});
    t.must_send(t.a, {5, 0, 5, 5});
    t.must_send(t.b, {6, 0, 6, 6});
    for (int i = 0; i < patience && (t.b.inbox.empty() || t.b.inbox.back() != data{5, 0, 5, 5}); ++i) t.step(true);
    for (int i = 0; i < patience && (t.a.inbox.empty() || t.a.inbox.back() != data{6, 0, 6, 6}); ++i) t.step(true);
    REQUIRE(!t.b.inbox.empty());
    REQUIRE(!t.a.inbox.empty());
    CHECK(t.b.inbox.back() == data{5, 0, 5, 5});
    CHECK(t.a.inbox.back() == data{6, 0, 6, 6});
    t.a.inbox.clear();
    t.b.inbox.clear();
    t.in_order();
  }
}

template <class Pair>
void check() {
  SUBCASE("bytes go through unchanged, both ways, of every size") { bytes_go_through_unchanged<Pair>(); }
  SUBCASE("what is above the mtu is refused, and nothing of it sent") { what_is_too_big_is_refused<Pair>(); }
  SUBCASE("where nothing was sent nothing is received") { of_nothing_comes_nothing<Pair>(); }
  SUBCASE("many under way both ways stay whole") { datagrams_stay_whole<Pair>(); }
  SUBCASE("a reader who is away blocks nobody") { a_reader_who_is_away_blocks_nobody<Pair>(); }
  SUBCASE("what does not fit the reader's buffer is dropped, what follows is not") {
    what_does_not_fit_the_reader_is_dropped<Pair>();
  }
  SUBCASE("a fleet trains over it") { trains_through<Pair>(0, 0); }
  SUBCASE("a fleet trains through loss, repetition, disorder, cuts and damage of datagrams") {
    trains_through<Pair>(100, 0);
  }
  if constexpr (has_damage<Pair>::value) {
    SUBCASE("a fleet trains through damage of bytes") { trains_through<Pair>(0, 10); }
    SUBCASE("after damage it finds its place again") { finds_its_place_again<Pair>(); }
  }
}

// ---- streams ---------------------------------------------------------------------------------------------------------------

/// What happens to the bytes of a pair, both ways.
struct byte_faults {
  unsigned per_mille = 0;
  std::mt19937 rng{5};
  bool happen() { return per_mille != 0 && rng() % 1000 < per_mille; }
};

/// A port whose bytes suffer before they are written.
template <class Port>
struct faulty_port {
  Port port;
  byte_faults* faults;

  int read() { return port.read(); }
  bool write(uint8_t b) {
    if (!faults->happen()) return port.write(b);
    switch (faults->rng() % 4) {
      case 0: return true;                                                             // lost
      case 1: return port.write(static_cast<uint8_t>(b ^ (1u << faults->rng() % 8)));  // changed
      case 2: return !port.write(b) ? false : (port.write(b), true);                   // doubled
      default: return port.write(static_cast<uint8_t>(faults->rng())), port.write(b);  // one of another sender
    }
  }
};

}  // namespace transport_conformance
