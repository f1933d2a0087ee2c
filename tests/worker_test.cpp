// SPDX-License-Identifier: MIT
#include <algorithm>
#include "support/small_fleet.hpp"

#include <memory>
#include <type_traits>

using namespace test_support;
using weir::frame_kind;
using weir::membership;
using weir::status;

namespace {

/// The worker refuses this, with this status, and is the same as before to the last byte.
void check_refused(small_worker& w, const datagram& d, status why) {
  const datagram before = bytes_of(w);
  CHECK(w.handle(view(d), 12345) == why);
  CHECK(bytes_of(w) == before);
}

datagram welcome(const small_worker& w, uint16_t round, const weir::welcome_body& b) {
  return make({frame_kind::welcome, small_tag(), w.rank(), 0, round}, body_of(b));
}

}  // namespace

TEST_CASE("a worker is all zero until begin, is a plain value, and needs no constructor") {
  static_assert(std::is_trivially_default_constructible<small_worker>::value, "");
  static_assert(std::is_trivially_copyable<small_worker>::value, "");
  static_assert(std::is_trivially_default_constructible<small_coordinator>::value, "");
  static_assert(std::is_trivially_copyable<small_coordinator>::value, "");
  static small_worker w;
  CHECK(bytes_of(w) == datagram(sizeof w, 0));
  CHECK(w.member_state() == membership::joining);
}

TEST_CASE("a new worker asks where its sequence stands, claims it, and is in") {
  small_coordinator c = {};
  c.begin(make_link(), weir::fleet_terms{3, 2, 0, 0.25f});
  small_worker w = {};
  w.begin(make_pipe(), weir::rank_t{2}, 1, 0x7777);

  const datagram first = sent_by(w, 0);
  const opened join = open(first);
  CHECK(join.h.kind == frame_kind::join);
  CHECK(join.h.rank == 2);
  CHECK(join.h.sequence == 0x7777);
  weir::join_body j;
  REQUIRE(weir::join_body::get(view(join.body), j) == status::ok);
  CHECK(j.fingerprint == small_worker::fingerprint());
  CHECK(j.weights_hash == weir::wire::hash(c.weights().data(), small_net::parameters()));
  CHECK(j.frame_bytes == 64);
  CHECK(!j.claim);
  CHECK(w.outgoing(0).empty());  // it waits for the answer

  const datagram answer = copy(c.handle(view(first)).answer);
  CHECK(w.handle(view(answer), 1) == status::ok);
  CHECK(w.member_state() == membership::joining);
  const datagram second = sent_by(w, 1);
  const opened claim = open(second);
  CHECK(claim.h.sequence == 1);
  REQUIRE(weir::join_body::get(view(claim.body), j) == status::ok);
  CHECK(j.claim);
  check_refused(w, answer, status::stale);  // a second copy of the first welcome
  CHECK(w.handle(c.handle(view(second)).answer, 2) == status::ok);
  CHECK(w.member_state() == membership::member);
  CHECK(w.steps_per_round() == 2);
  check_refused(w, answer, status::stale);

  train(w, 1);
  CHECK(w.outgoing(3).empty());  // K is two
  train(w, 2);
  const datagram update = sent_by(w, 3);
  CHECK(kind_of(update) == frame_kind::update);
  CHECK(open(update).h.sequence == 2);
  CHECK(c.handle(view(update)).result == status::ok);
}

TEST_CASE("rounds: whoever is up to date holds the coordinator's weights, bit for bit") {
  small_fleet f(4);
  for (int round = 1; round <= 50; ++round) {
    f.round();
    for (small_worker& w : f.workers) {
      CHECK(same_weights(w, f.center));
      CHECK(!w.in_flight());
      CHECK(w.round_number() == round);
    }
  }
}

TEST_CASE("what is damaged, cut, foreign or for somebody else is refused, says why, and changes nothing") {
  small_fleet f(2);
  f.round();
  small_worker& w = f.workers[1];
  f.to_center(f.update_of(0));
  f.to_center(f.update_of(1));
  const datagram b = copy(f.center.close_round(0));
  for (size_t keep = 0; keep < b.size(); ++keep)
    check_refused(w, datagram(b.begin(), b.begin() + static_cast<std::ptrdiff_t>(keep)), status::truncated);
  for (size_t bit = 8; bit < b.size() * 8; ++bit) {
    datagram d = b;
    d[bit / 8] = static_cast<uint8_t>(d[bit / 8] ^ (1u << (bit % 8)));
    const datagram before = bytes_of(w);
    const status s = w.handle(view(d), 0);
    CHECK((s == status::damaged || s == status::truncated));
    CHECK(bytes_of(w) == before);
  }
  const opened good = open(b);
  weir::frame_header h = good.h;
  h.fingerprint = static_cast<uint16_t>(h.fingerprint ^ 1);
  check_refused(w, make(h, good.body), status::wrong_model);
  datagram version = b;
  version[0] = static_cast<uint8_t>(version[0] ^ 0x30);
  check_refused(w, version, status::wrong_version);
  check_refused(w, make({frame_kind::update, small_tag(), 1, 1, 1}, {}), status::wrong_kind);
  check_refused(w, make({frame_kind::welcome, small_tag(), 0, 0, 1}, datagram(11, 1)), status::wrong_rank);
  check_refused(w, make({frame_kind::acknowledgement, small_tag(), 1, 0, 1}, {1}), status::malformed);
  check_refused(w, make({frame_kind::acknowledgement, small_tag(), 1, 0, 1}, {99, 99}), status::stale);
  check_refused(w, make({frame_kind::refusal, small_tag(), 1, 0, 1}, {}), status::malformed);
  check_refused(w, make({frame_kind::refusal, small_tag(), 1, 0, 1}, {0}), status::malformed);
  check_refused(w, make({frame_kind::refusal, small_tag(), 1, 0, 1}, {99}), status::malformed);
  check_refused(w, make({frame_kind::piece, small_tag(), 1, 0, 2}, {0, 1, 2}), status::stale);
  check_refused(w, make({frame_kind::broadcast, small_tag(), 0, 0, 2}, {0xff}), status::malformed);
  check_refused(w, make({frame_kind::broadcast_some, small_tag(), 0, 0, 2}, {0x01}), status::malformed);
  check_refused(w, make({frame_kind::broadcast_some, small_tag(), 0, 0, 2}, {0x00, 0x03, 0xff}), status::malformed);
  CHECK(w.handle(view(b), 0) == status::ok);
  CHECK(same_weights(w, f.center));
  check_refused(w, b, status::stale);  // a second copy
}

TEST_CASE("an update keeps its bytes until it is acknowledged, and comes again ever more slowly") {
  small_fleet f(2);
  small_worker& w = f.workers[0];
  w.set_resend_ms(100);
  uint32_t now = 0xffffff00;  // and the clock wraps meanwhile
  const datagram update = f.update_of(0, now);
  uint32_t wait = 100;
  for (int i = 0; i < 10; ++i) {
    CHECK(w.outgoing(now + wait - 1).empty());
    train(w, 100 + static_cast<uint32_t>(i));  // gathers in the residual
    now += wait;
    CHECK(copy(w.outgoing(now)) == update);
    CHECK(copy(w.outgoing(now + 5)) == update);  // busy: it is offered until it is taken
    w.sent(now);
    if (wait < 1600) wait *= 2;
  }
  CHECK(w.in_flight());
}

TEST_CASE("workers that fell silent together do not come back together") {
  small_fleet f(16);
  std::vector<uint32_t> when;
  for (uint16_t i = 0; i < 16; ++i) {
    small_worker& w = f.workers[i];
    w.set_resend_ms(1000);
    f.update_of(i, 0);
    uint32_t at = 0;
    while (w.outgoing(at).empty()) ++at;
    CHECK(at <= 1000);
    CHECK(at >= 750);
    when.push_back(at);
  }
  std::sort(when.begin(), when.end());
  CHECK(std::unique(when.begin(), when.end()) - when.begin() >= 14);
  CHECK(when.back() - when.front() > 150);
}

TEST_CASE("what is still leaving is not late") {
  small_fleet f(1);
  small_worker& w = f.workers[0];
  w.set_resend_ms(100);
  struct slow {  // it reads its caller's buffer until the test says that all is out
    bool* out;
    static size_t mtu() { return 64; }
    weir::status send(weir::const_bytes) const {
      *out = false;
      return weir::status::ok;
    }
    static size_t receive(weir::bytes) { return 0; }
    bool idle() const { return *out; }
  };
  typedef weir::pipeline<weir::sgd, weir::fixed_wt, weir::ternary, slow> pipe;
  bool out = true;
  weir::worker<small_number, small_net, weir::softmax_cross_entropy, pipe> node = {};
  node.begin(pipe{weir::sgd{0.1f}, weir::fixed_wt{0.002f}, weir::ternary{}, slow{&out}}, weir::rank_t{0});
  node.set_resend_ms(100);
  node.poll(0);
  CHECK(!out);
  node.poll(990);
  out = true;
  node.poll(1000);  // it left some time since 990
  CHECK(out);
  node.poll(1089);
  CHECK(out);
  node.poll(1090);
  CHECK(!out);  // again
}

TEST_CASE("a lost broadcast: the update comes again, and the answer is what was missed") {
  small_fleet f(2);
  const datagram update = f.update_of(0);
  f.to_center(update);
  f.to_center(f.update_of(1));
  f.center.close_round(0);
  const auto o = f.center.handle(view(update));
  CHECK(o.result == status::repeated);
  CHECK(kind_of(copy(o.answer)) == frame_kind::broadcast);
  CHECK(f.workers[0].handle(o.answer, 0) == status::ok);
  CHECK(same_weights(f.workers[0], f.center));
  CHECK(!f.workers[0].in_flight());
}

TEST_CASE("a lost broadcast that did not count the update does not stand in the way of its acknowledgement") {
  small_fleet f(2, 100);
  const datagram late = f.update_of(0);  // delayed
  f.to_center(f.update_of(1));
  const datagram b1 = copy(f.center.close_round(100));
  CHECK(kind_of(b1) == frame_kind::broadcast_some);
  for (small_worker& w : f.workers) CHECK(w.handle(view(b1), 100) == status::ok);
  CHECK(f.workers[0].in_flight());
  CHECK(copy(f.workers[0].outgoing(100)) == late);  // at once
  f.workers[0].sent(100);
  CHECK(f.to_center(late) == status::ok);  // late, new: it counts in the open round
  CHECK(f.center.counted() == 1);
  f.to_center(f.update_of(1, 100));
  const datagram b2 = copy(f.center.close_round(200));  // lost
  const auto o = f.center.handle(view(late));
  CHECK(o.result == status::repeated);
  CHECK(kind_of(copy(o.answer)) == frame_kind::acknowledgement);  // not b1, for ever
  CHECK(f.workers[0].handle(o.answer, 200) == status::ok);
  CHECK(!f.workers[0].in_flight());
  // Nothing new before b2, whose "counted" is not for it: it waits a while, and then asks.
  train(f.workers[0], 77);
  CHECK(f.workers[0].outgoing(201).empty());
  const datagram ask = sent_by(f.workers[0], 200 + small_worker::default_resend_ms());
  CHECK(kind_of(ask) == frame_kind::ask);
  CHECK(f.workers[0].handle(f.center.handle(view(ask)).answer, 5000) == status::ok);
  CHECK(same_weights(f.workers[0], f.center));
  CHECK(kind_of(sent_by(f.workers[0], 5000)) == frame_kind::update);
}

TEST_CASE("an acknowledgement of the open round keeps the next update back until that round is closed") {
  small_fleet f(2, 100);
  const datagram update = f.update_of(0);
  f.to_center(update);
  const auto o = f.center.handle(view(update));  // came again, in the same round
  CHECK(kind_of(copy(o.answer)) == frame_kind::acknowledgement);
  CHECK(open(copy(o.answer)).h.round_number == 1);
  CHECK(f.workers[0].handle(o.answer, 0) == status::ok);
  CHECK(!f.workers[0].in_flight());
  train(f.workers[0], 5);
  CHECK(f.workers[0].outgoing(0).empty());
  const datagram b = copy(f.center.close_round(100));
  CHECK(f.workers[0].handle(view(b), 100) == status::ok);
  CHECK(kind_of(sent_by(f.workers[0], 100)) == frame_kind::update);
  CHECK(f.workers[0].in_flight());
}

TEST_CASE("an acknowledgement that tells of later rounds makes the worker ask at once") {
  small_fleet f(2, 100);
  const datagram update = f.update_of(0);
  f.to_center(update);
  for (int i = 0; i < 3; ++i) f.center.close_round(0);  // all lost
  const datagram ack = make({frame_kind::acknowledgement, small_tag(), 0, 0, 3}, {2, 0});
  REQUIRE(open(update).h.sequence == 2);
  CHECK(f.workers[0].handle(view(ack), 0) == status::ok);
  for (uint16_t r = 0; r < 3; ++r) {
    const datagram ask = sent_by(f.workers[0], 0);
    REQUIRE(kind_of(ask) == frame_kind::ask);
    CHECK(f.workers[0].handle(f.center.handle(view(ask)).answer, 0) == status::ok);
  }
  CHECK(same_weights(f.workers[0], f.center));
}

TEST_CASE("an update that a broadcast could not acknowledge for want of room is acknowledged when it comes again") {
  // 300 ranks, half of them there: neither a bitmap nor a list fits.
  typedef weir::coordinator<small_number, small_net, small_link, 300> large;
  const auto c = std::make_unique<large>();
  c->begin(make_link(), weir::fleet_terms{300, 0, 100, 0});
  small_worker w = {};
  w.begin(make_pipe(), weir::rank_t{0});
  for (int i = 0; i < 4 && w.member_state() != membership::member; ++i) {
    const datagram d = sent_by(w, 0);
    w.handle(c->handle(view(d)).answer, 0);
  }
  REQUIRE(w.member_state() == membership::member);
  train(w, 1);
  const datagram update = sent_by(w, 0);
  CHECK(c->handle(view(update)).result == status::ok);
  weir::random_bits random(3);
  for (uint16_t r = 1; r < 300; ++r)
    if (random.below(2) == 0)
      CHECK(c->handle(view(make({frame_kind::update, small_tag(), r, 1, 0}, {}))).result == status::ok);
  const datagram b = copy(c->close_round(100));
  CHECK(open(b).body[0] == 0xc0);
  CHECK(w.handle(view(b), 100) == status::ok);
  CHECK(w.in_flight());
  CHECK(sent_by(w, 100) == update);
  const auto o = c->handle(view(update));
  CHECK(kind_of(copy(o.answer)) == frame_kind::acknowledgement);
  CHECK(w.handle(o.answer, 100) == status::ok);
  CHECK(!w.in_flight());
  train(w, 2);
  CHECK(kind_of(sent_by(w, 100)) == frame_kind::update);  // at once: that round is closed
}

TEST_CASE("a worker that missed some broadcasts catches up by the ring, one by one") {
  small_fleet f(2, 100);
  for (int i = 0; i < 4; ++i) {
    f.to_center(f.update_of(1));
    const datagram b = copy(f.center.close_round(100));
    f.workers[1].handle(view(b), 100);
  }
  f.to_center(f.update_of(1));
  const datagram b = copy(f.center.close_round(100));  // round 5; 2 to 5 are in the ring, 1 is not
  CHECK(f.workers[0].handle(view(b), 0) == status::ahead);
  CHECK(f.workers[0].handle(view(b), 0) == status::ahead);  // again: one question is enough
  const datagram ask = sent_by(f.workers[0], 0);
  CHECK(kind_of(ask) == frame_kind::ask);
  CHECK(f.workers[0].outgoing(0).empty());
  const auto o = f.center.handle(view(ask));
  CHECK(kind_of(copy(o.answer)) == frame_kind::welcome);  // out of the ring: a snapshot
  CHECK(f.workers[0].handle(o.answer, 0) == status::ok);
  CHECK(f.workers[0].member_state() == membership::fetching);
  join(f.workers[0], f.center);
  CHECK(same_weights(f.workers[0], f.center));

  for (int i = 0; i < 4; ++i) f.center.close_round(100);
  CHECK(f.workers[0].handle(f.center.close_round(100), 0) == status::ahead);
  while (exchange(f.workers[0], f.center, 0)) {
  }
  CHECK(same_weights(f.workers[0], f.center));
}

TEST_CASE("within the ring no snapshot is needed, and whatever comes between is taken as it fits") {
  small_fleet f(2, 100);
  small_worker& w = f.workers[0];
  for (int i = 0; i < 3; ++i) f.center.close_round(100);
  CHECK(w.handle(f.center.close_round(100), 0) == status::ahead);
  const datagram newest = copy(f.center.handle(view(make({frame_kind::ask, small_tag(), 0, 0, 3}, {3, 0}))).answer);
  REQUIRE(open(newest).h.round_number == 4);
  for (uint16_t r = 1; r <= 3; ++r) {
    CHECK(w.member_state() == membership::member);
    REQUIRE(open(copy(w.outgoing(0))).body == datagram{static_cast<uint8_t>(r - 1), 0});
    REQUIRE(exchange(w, f.center, 0));
    CHECK(w.round_number() == r);
    CHECK(w.handle(view(newest), 0) == (r < 3 ? status::ahead : status::ok));
  }
  CHECK(same_weights(w, f.center));
  CHECK(w.outgoing(0).empty());
}

TEST_CASE("a broadcast of a round that never was does not silence a worker, nor the fleet that waits for it") {
  small_fleet f(2);
  f.round();
  small_worker& w = f.workers[0];
  w.set_resend_ms(250);
  const datagram never = make({frame_kind::broadcast, small_tag(), 0, 0, 9}, {1, 2, 3});
  const auto asks_twice = [&](uint32_t now) {
    CHECK(w.handle(view(never), now) == status::ahead);
    for (const uint32_t later : {0u, 250u}) {
      const datagram d = sent_by(w, now + later);
      REQUIRE(kind_of(d) == frame_kind::ask);
      const auto o = f.center.handle(view(d));
      CHECK(o.result == status::ok);
      CHECK(o.answer.empty());
      CHECK(w.outgoing(now + later).empty());
    }
  };
  asks_twice(0);  // a member with nothing in flight
  train(w, 1);
  CHECK(w.outgoing(749).empty());
  const datagram first = sent_by(w, 750);
  REQUIRE(kind_of(first) == frame_kind::update);

  asks_twice(13000);  // one with an update in flight
  CHECK(sent_by(w, 25000) == first);
  CHECK(f.to_center(first) == status::ok);
  f.to_center(f.update_of(1));
  const datagram b = copy(f.center.close_round(0));
  for (small_worker& all : f.workers) CHECK(all.handle(view(b), 26000) == status::ok);
  CHECK(same_weights(w, f.center));

  w.begin(make_pipe(), weir::rank_t{0}, 99);  // and one that fetches the fleet's weights
  w.set_resend_ms(250);
  while (w.member_state() != membership::fetching) REQUIRE(exchange(w, f.center, 30000));
  REQUIRE(exchange(w, f.center, 30000));  // the first piece
  REQUIRE(w.member_state() == membership::fetching);
  asks_twice(30000);
  join(w, f.center, 42000);
  CHECK(same_weights(w, f.center));
}

TEST_CASE("a snapshot comes in pieces while broadcasts go on") {
  small_fleet f(2, 100);
  for (int i = 0; i < 20; ++i) f.round();
  small_worker& w = f.workers[0];
  w.begin(make_pipe(), weir::rank_t{0}, 99);  // starts anew, with other weights
  int pieces = 0, overtaking = 0, applied = 0, ahead = 0;
  for (int i = 0; i < 300 && w.member_state() != membership::member; ++i) {
    const datagram d = sent_by(w, 0);
    REQUIRE(!d.empty());
    const datagram answer = copy(f.center.handle(view(d)).answer);
    if (answer.empty()) continue;
    const bool piece = kind_of(answer) == frame_kind::piece;
    if (piece && overtaking < 9) {  // a broadcast overtakes it
      ++overtaking;
      f.to_center(f.update_of(1));
      const datagram b = copy(f.center.close_round(0));
      f.workers[1].handle(view(b), 0);
      if (w.handle(view(b), 0) == status::ok) ++applied;
    }
    const status s = w.handle(view(answer), 0);
    if (piece) ++pieces;
    if (s == status::ahead) ++ahead;
    if (piece && s == status::ok) check_refused(w, answer, status::stale);  // a second copy
  }
  REQUIRE(w.member_state() == membership::member);
  CHECK(same_weights(w, f.center));
  CHECK(overtaking == 9);
  CHECK(pieces >= 9);
  CHECK(applied + ahead > 0);
}

TEST_CASE("pieces of other rounds do not mix") {
  small_fleet f(1, 100);
  small_worker& w = f.workers[0];
  for (int i = 0; i < 6; ++i) f.center.close_round(0);
  CHECK(w.handle(f.center.close_round(0), 0) == status::ahead);
  REQUIRE(exchange(w, f.center, 0));
  REQUIRE(w.member_state() == membership::fetching);
  CHECK(w.round_number() == 7);
  const datagram weights(8, 1);
  const auto piece = [&](uint8_t first, uint16_t round) {
    datagram body = {first};
    body.insert(body.end(), weights.begin(), weights.end());
    return make({frame_kind::piece, small_tag(), 0, 0, round}, body);
  };
  check_refused(w, piece(0, 6), status::stale);  // older than the welcome
  check_refused(w, piece(4, 7), status::stale);  // not the next
  CHECK(w.handle(view(piece(0, 9)), 0) == status::ok);
  CHECK(w.round_number() == 9);
  check_refused(w, piece(4, 8), status::stale);
  CHECK(w.handle(view(piece(4, 11)), 0) == status::ahead);
  CHECK(w.round_number() == 9);
  CHECK(open(copy(w.outgoing(0))).body == datagram{9, 0});  // it asks for broadcast 10 first
  CHECK(w.handle(view(piece(4, 9)), 0) == status::ok);
  check_refused(w, piece(8, 0), status::stale);
  check_refused(w, make({frame_kind::piece, small_tag(), 0, 0, 9}, {8}), status::malformed);
  check_refused(w, make({frame_kind::piece, small_tag(), 0, 0, 9}, {8, 1}), status::malformed);
  check_refused(w, make({frame_kind::piece, small_tag(), 0, 0, 9}, {39, 1, 1}), status::malformed);
  check_refused(w, make({frame_kind::piece, small_tag(), 0, 0, 9}, {38, 1, 1, 1, 1}), status::malformed);
}

TEST_CASE("welcomes that nobody asked for, old ones and second copies are refused") {
  small_fleet f(2, 100);
  small_worker& w = f.workers[0];
  const uint16_t sequence = 1;
  const weir::welcome_body in = {2, 0, 0, sequence, sequence, 0, false, false, false};
  const weir::welcome_body snapshot = {2, 0, 0, sequence, sequence, 0, true, false, false};
  check_refused(w, welcome(w, 0, in), status::stale);
  check_refused(w, welcome(w, 0, snapshot), status::stale);
  check_refused(w, welcome(w, 9, snapshot), status::stale);

  // It asks for a broadcast: now a snapshot may be the answer, but not to another sequence and not of the past.
  for (int i = 0; i < 5; ++i) f.center.close_round(0);
  CHECK(w.handle(f.center.close_round(0), 0) == status::ahead);
  REQUIRE(kind_of(sent_by(w, 0)) == frame_kind::ask);
  const weir::welcome_body other = {2, 0, 0, 77, sequence, 0, true, false, false};
  check_refused(w, welcome(w, 6, other), status::stale);
  check_refused(w, welcome(w, 0xfff0, snapshot), status::stale);
  check_refused(w, welcome(w, 6, {0, 0, 0, sequence, sequence, 0, true, false, false}), status::malformed);
  CHECK(w.handle(view(welcome(w, 6, snapshot)), 0) == status::ok);
  REQUIRE(kind_of(sent_by(w, 0)) == frame_kind::ask);        // for a piece
  check_refused(w, welcome(w, 6, snapshot), status::stale);  // which a welcome does not answer

  // A joining worker is not sent after broadcasts that it has.
  small_worker late = {};
  late.begin(make_pipe(), weir::rank_t{1}, 1, 5);
  sent_by(late, 0);
  check_refused(late, welcome(late, 0, {1, 0, 0, 5, 1, 0, false, false, false}), status::malformed);  // one rank only
  CHECK(late.handle(view(welcome(late, 0, {2, 0, 0, 5, 8, 0, false, false, false})), 0) == status::ok);
  REQUIRE(open(sent_by(late, 0)).h.sequence == 9);
  check_refused(late, welcome(late, 0, {2, 0, 0, 9, 9, 0, false, false, true}), status::stale);  // behind what?
  check_refused(late, welcome(late, 3, {2, 0, 0, 9, 9, 0, false, false, false}),
                status::stale);  // in, at another round
  check_refused(late, welcome(late, 0, {2, 0, 0, 9, 8, 0, false, false, false}), status::stale);  // the claim is not in
  CHECK(late.handle(view(welcome(late, 0, {2, 0, 0, 9, 9, 0, false, false, false})), 0) == status::ok);
  CHECK(late.member_state() == membership::member);
}

TEST_CASE("a worker that starts anew writes off its residual, takes the fleet's weights and a sequence of its own") {
  small_fleet f(2, 100);
  for (int i = 0; i < 10; ++i) f.round();
  small_worker& w = f.workers[0];
  const datagram old = f.update_of(0);  // on its way when the power fails
  const uint16_t old_sequence = open(old).h.sequence;
  w.begin(make_pipe(), weir::rank_t{0}, 1, 1);
  join(w, f.center);
  CHECK(same_weights(w, f.center));
  for (const auto cell : w.pending()) CHECK(cell.raw == 0);
  const datagram fresh = f.update_of(0);
  CHECK(open(fresh).h.sequence == static_cast<uint16_t>(old_sequence + 1));
  CHECK(f.to_center(old) == status::repeated);  // arrives after all: written off, and not mistaken for the new one
  CHECK(f.center.counted() == 0);
  CHECK(f.to_center(fresh) == status::ok);
  CHECK(f.to_center(fresh) == status::repeated);
}

TEST_CASE("a worker whose former life was counted in the open round waits for its end") {
  small_fleet f(2, 100);
  f.to_center(f.update_of(0));
  small_worker& w = f.workers[0];
  w.begin(make_pipe(), weir::rank_t{0}, 1, 1);
  join(w, f.center);
  train(w, 3);
  CHECK(w.outgoing(0).empty());
  CHECK(w.handle(f.center.close_round(100), 100) == status::ok);
  CHECK(kind_of(sent_by(w, 100)) == frame_kind::update);
}

TEST_CASE("a rejoining worker whose update was applied meanwhile lets it go") {
  small_fleet f(2, 100);
  const datagram update = f.update_of(0);
  f.to_center(update);
  for (int i = 0; i < 6; ++i) f.center.close_round(0);
  small_worker& w = f.workers[0];
  CHECK(w.handle(f.center.close_round(0), 0) == status::ahead);
  REQUIRE(exchange(w, f.center, 0));
  CHECK(w.member_state() == membership::fetching);
  CHECK(!w.in_flight());
  join(w, f.center);
  CHECK(same_weights(w, f.center));

  const datagram lost = f.update_of(0);  // and one that was not applied keeps its bytes through all this
  for (int i = 0; i < 6; ++i) f.center.close_round(0);
  CHECK(w.handle(f.center.close_round(0), 0) == status::ahead);
  do REQUIRE(exchange(w, f.center, 0));
  while (w.member_state() != membership::member);
  CHECK(same_weights(w, f.center));
  CHECK(w.in_flight());
  CHECK(copy(w.outgoing(0)) == lost);
}

TEST_CASE("a worker that trains seldom listens for a hundred thousand rounds and can still send") {
  small_fleet f(2, 100);
  f.round();
  small_worker& w = f.workers[1];
  for (uint32_t i = 0; i < 100000; ++i) {
    const weir::const_bytes b = f.center.close_round(0);
    REQUIRE(w.handle(b, 0) == status::ok);
    if (i % 1000 == 0) REQUIRE(w.outgoing(0).empty());
  }
  CHECK(same_weights(w, f.center));
  CHECK(kind_of(f.update_of(1)) == frame_kind::update);
}

TEST_CASE("rounds, hints of rounds and sequences wrap without a trace") {
  small_fleet f(1);
  weir::random_bits random(9);
  for (uint32_t i = 0; i < 70000; ++i) {
    const datagram update = f.update_of(0);
    REQUIRE(f.to_center(update) == status::ok);
    const datagram b = copy(f.center.close_round(0));
    const bool lost = random.below(10) == 0;
    if (lost) {
      const auto o = f.center.handle(view(update));
      REQUIRE(o.result == status::repeated);
      REQUIRE(f.workers[0].handle(o.answer, 0) == status::ok);
    } else {
      REQUIRE(f.workers[0].handle(view(b), 0) == status::ok);
    }
    REQUIRE(f.workers[0].handle(view(b), 0) == status::stale);
    REQUIRE(f.to_center(update) == status::repeated);
  }
  CHECK(f.center.round_number() == 70000 - 65536);
  CHECK(same_weights(f.workers[0], f.center));
}

TEST_CASE("a refused worker says why, and tries again, ever more slowly") {
  small_coordinator c = {};
  c.begin(make_link(), weir::fleet_terms{1, 0, 0, 0});
  small_worker w = {};
  w.begin(make_pipe(), weir::rank_t{1});
  REQUIRE(exchange(w, c, 0));
  CHECK(w.member_state() == membership::refused);
  CHECK(w.refusal() == status::wrong_rank);
  CHECK(!exchange(w, c, 1000));
  CHECK(exchange(w, c, 4000));
  c.begin(make_link(), weir::fleet_terms{2, 0, 0, 0});
  CHECK(exchange(w, c, 20000));
  join(w, c, 20000);
  CHECK(w.member_state() == membership::member);
}

namespace {

/// A transport that is never free, and one that is always; both note what they are given.
struct notes {
  std::vector<datagram> sent;
  bool busy = false;
  bool idle = true;
  datagram arrived;
};
struct noting {
  notes* to;
  static size_t mtu() noexcept { return 64; }
  weir::status send(weir::const_bytes d) const {
    if (to->busy) return status::busy;
    to->sent.push_back(copy(d));
    return status::ok;
  }
  size_t receive(weir::bytes into) const {
    const size_t size = to->arrived.size();
    if (size != 0) std::memcpy(into.data(), to->arrived.data(), size);
    to->arrived.clear();
    return size;
  }
  bool idle() const { return to->idle; }
};
typedef weir::pipeline<weir::sgd, weir::fixed_wt, weir::ternary, noting> noting_pipe;
typedef weir::worker<small_number, small_net, weir::softmax_cross_entropy, noting_pipe> noting_worker;

}  // namespace

TEST_CASE("poll: a busy transport only lets the residual gather, and bytes that it still reads are left alone") {
  small_coordinator c = {};
  c.begin(make_link(), weir::fleet_terms{1, 0, 0, 0});
  notes n;
  noting_worker w = {};
  w.begin(noting_pipe{weir::sgd{0.1f}, weir::fixed_wt{0.002f}, weir::ternary{}, noting{&n}}, weir::rank_t{0});
  uint32_t now = 5;
  for (int i = 0; i < 2; ++i) {
    w.poll(now);
    REQUIRE(n.sent.size() == 1);
    n.arrived = copy(c.handle(view(n.sent[0])).answer);
    n.sent.clear();
  }
  w.poll(now);
  REQUIRE(w.member_state() == membership::member);
  REQUIRE(n.sent.empty());

  small_number x[5] = {small_number(0.5f), small_number(-0.25f), small_number(1.0f), small_number(0.0f),
                       small_number(0.75f)};
  n.busy = true;
  w.train(x, 1);
  w.poll(now);
  CHECK(w.in_flight());
  const auto before = w.pending();
  const std::vector<small_worker::residual> cells(before.begin(), before.end());
  w.train(x, 2);
  w.poll(now + 1);
  bool gathered = false;
  for (size_t i = 0; i < cells.size(); ++i) gathered = gathered || cells[i] != w.pending()[i];
  CHECK(gathered);
  CHECK(n.sent.empty());
  n.busy = false;
  w.poll(now + 2);
  REQUIRE(n.sent.size() == 1);

  // The line still reads the update when its broadcast comes: nothing is written over it.
  n.idle = false;
  REQUIRE(c.handle(view(n.sent[0])).result == status::ok);
  n.arrived = copy(c.close_round(0));
  w.poll(now + 3);
  CHECK(w.round_number() == 1);
  CHECK(!w.in_flight());
  w.poll(now + 4);
  CHECK(!w.in_flight());
  n.idle = true;
  w.poll(now + 5);
  CHECK(w.in_flight());
  CHECK(n.sent.size() == 2);
}

TEST_CASE("the welcome's Wt is what a threshold that can be told starts with") {
  typedef weir::pipeline<weir::sgd, weir::target_density, weir::ternary, by_hand> pipe;
  typedef weir::worker<small_number, small_net, weir::softmax_cross_entropy, pipe> worker;
  small_coordinator c = {};
  c.begin(make_link(), weir::fleet_terms{1, 0, 0, 0.03125f});
  worker w = {};
  w.begin(pipe{weir::sgd{0.1f}, weir::target_density{0.1f}, weir::ternary{}, by_hand{}}, weir::rank_t{0});
  for (int i = 0; i < 2; ++i) {
    const datagram d = copy(w.outgoing(0));
    w.sent(0);
    w.handle(c.handle(view(d)).answer, 0);
  }
  REQUIRE(w.member_state() == membership::member);
  const small_number x[5] = {small_number(0.5f), small_number(-0.25f), small_number(1.0f), small_number(0.0f),
                             small_number(0.75f)};
  w.train(x, 1);
  CHECK(kind_of(copy(w.outgoing(0))) == frame_kind::update);
  CHECK(w.report().wt == 0.03125f);
}

TEST_CASE("an empty update is a valid frame: a round in which nobody has anything to say ends") {
  small_fleet f(3);
  for (small_worker& w : f.workers) w.pipe().optimizer = weir::sgd{1e-5f};
  for (int i = 0; i < 5; ++i) {
    const datagram b = f.round();
    CHECK(open(b).body.empty());
  }
  CHECK(f.workers[0].report().hits == 0);
  CHECK(f.workers[0].report().rounds == 5);
  for (small_worker& w : f.workers) CHECK(same_weights(w, f.center));
}

TEST_CASE("handling is total: random bodies in sound frames, in every state") {
  weir::random_bits random(17);
  for (int trial = 0; trial < 300; ++trial) {
    small_fleet f(2, 100);
    small_worker& w = f.workers[0];
    for (int i = 0; i < 200; ++i) {
      const uint8_t kinds[] = {8, 9, 10, 11, 12, 13, 14};
      datagram body(random.below(50));
      for (uint8_t& b : body) b = static_cast<uint8_t>(random.below(random.below(2) == 0 ? 256 : 4));
      if (random.below(4) == 0) w.begin(make_pipe(), weir::rank_t{0}, 1);
      if (random.below(2) == 0) sent_by(w, random.next());
      if (random.below(2) == 0) train(w, random.next());
      const uint16_t round = static_cast<uint16_t>(w.round_number() + random.below(3));
      const datagram d = make({static_cast<frame_kind>(kinds[random.below(7)]), small_tag(), 0, 0, round}, body);
      const datagram before = bytes_of(w);
      const status s = w.handle(view(d), random.next());
      if (s != status::ok && s != status::ahead) REQUIRE(bytes_of(w) == before);
    }
  }
}

TEST_CASE("a worker leaves: what is in flight arrives, then no round waits for it, until it comes back") {
  small_fleet f(3);
  small_worker& w = f.workers[0];
  const datagram update = f.update_of(0);
  w.leave();
  w.leave();
  CHECK(w.member_state() == membership::member);
  CHECK(w.outgoing(0).empty());  // its update is on the way
  CHECK(f.to_center(update) == status::ok);
  for (uint16_t i = 1; i < 3; ++i) f.to_center(f.update_of(i));
  const datagram b = copy(f.center.close_round(0));
  for (small_worker& all : f.workers) CHECK(all.handle(view(b), 0) == status::ok);

  train(w, 1);  // stays with it
  const datagram leave = sent_by(w, 0);
  CHECK(open(leave).h.kind == frame_kind::leave);
  CHECK(open(leave).body.empty());
  CHECK(f.center.handle(view(make(open(leave).h, {1}))).result == status::malformed);
  const datagram farewell = copy(f.center.handle(view(leave)).answer);
  CHECK(copy(f.center.handle(view(leave)).answer) == farewell);  // lost, and asked for again
  check_refused(w, make(open(farewell).h, {1}), status::malformed);
  CHECK(w.handle(view(farewell), 0) == status::ok);
  CHECK(w.member_state() == membership::left);
  check_refused(w, farewell, status::stale);
  CHECK(w.outgoing(1000000).empty());

  for (uint16_t i = 1; i < 3; ++i) {
    CHECK(!f.center.round_due(0));
    f.to_center(f.update_of(i));
  }
  CHECK(f.center.round_due(0));  // without it
  const datagram next = copy(f.center.close_round(0));
  for (small_worker& all : f.workers) CHECK(all.handle(view(next), 0) == status::ok);  // it may follow

  w.come_back();
  join(w, f.center);
  f.round();
  CHECK(same_weights(w, f.center));

  for (small_worker& all : f.workers) {  // nobody is there: no round is due
    all.leave();
    REQUIRE(exchange(all, f.center, 0));
    CHECK(all.member_state() == membership::left);
  }
  CHECK(!f.center.round_due(0));
}

TEST_CASE("who leaves before it has joined is gone at once") {
  small_worker w = {};
  w.begin(make_pipe(), weir::rank_t{0});
  CHECK(kind_of(sent_by(w, 0)) == frame_kind::join);
  w.leave();
  CHECK(w.member_state() == membership::left);
  CHECK(w.outgoing(1000000).empty());
  w.come_back();
  CHECK(kind_of(sent_by(w, 0)) == frame_kind::join);
}

TEST_CASE(
    "a coordinator that starts anew with another epoch: nothing of its former life counts, and all go on with it") {
  for (const uint16_t rounds : {uint16_t{1}, uint16_t{2}, uint16_t{30}}) {
    small_fleet f(2);
    for (int i = 0; i < 20; ++i) f.round();
    const datagram in_flight = f.update_of(0);
    const datagram last = copy(f.center.close_round(0));
    small_worker& absent = f.workers[1];
    CHECK(absent.handle(view(last), 0) == status::ok);

    f.center.begin(make_link(), weir::fleet_terms{2, 0, 0, 0}, 1, 0, 0xbeef);
    for (uint16_t i = 0; i < rounds; ++i) {  // it may even reach the rounds at which they are
      const datagram broadcast = copy(f.center.close_round(0));
      for (small_worker& w : f.workers) CHECK(w.handle(view(broadcast), 0) == status::wrong_model);
    }
    const auto refused = f.center.handle(view(in_flight));
    CHECK(refused.result == status::wrong_epoch);
    const datagram refusal = copy(refused.answer);
    CHECK(open(refusal).body == datagram{static_cast<uint8_t>(status::wrong_epoch)});
    small_worker& w = f.workers[0];
    CHECK(w.in_flight());
    CHECK(w.handle(view(refusal), 0) == status::ok);
    check_refused(w, refusal, status::stale);  // it is joining already
    join(w, f.center);
    CHECK(!w.in_flight());
    for (const auto& cell : w.pending()) CHECK(cell.raw == 0);
    CHECK(same_weights(w, f.center));

    train(absent, 1);
    uint32_t now = 0;
    for (; absent.member_state() != membership::member || !same_weights(absent, f.center); now += 100000) {
      REQUIRE(now < 10000000);
      exchange(absent, f.center, now);
    }
    f.round(now);
    f.round(now);
    for (small_worker& all : f.workers) CHECK(same_weights(all, f.center));
  }
}

TEST_CASE("a worker that has missed broadcasts asks until it has the last one that it saw") {
  small_fleet f(2, 100);
  small_worker& w = f.workers[0];
  std::vector<datagram> missed;
  for (int i = 0; i < 4; ++i) missed.push_back(copy(f.center.close_round(0)));
  CHECK(w.handle(view(missed[2]), 0) == status::ahead);
  CHECK(w.handle(view(missed[1]), 0) == status::ahead);  // reordered
  for (int i = 0; i < 3; ++i) {
    const datagram ask = sent_by(w, 0);
    REQUIRE(kind_of(ask) == frame_kind::ask);
    const datagram answer = copy(f.center.handle(view(ask)).answer);
    CHECK(answer == missed[static_cast<size_t>(i)]);
    CHECK(w.handle(view(answer), 0) == status::ok);
  }
  CHECK(w.outgoing(0).empty());  // of the fourth it has not heard
  CHECK(w.handle(view(missed[3]), 0) == status::ok);
  CHECK(same_weights(w, f.center));
}

TEST_CASE(
    "what is not answered comes again after twice as long as answers take, and how long that is a worker learns") {
  small_fleet f(1);
  small_worker& w = f.workers[0];
  w.set_resend_ms(8000);
  uint32_t now = 0;
  const auto waits = [&] {
    const uint32_t said = w.wait_ms(now);
    uint32_t ms = 0;
    while (w.outgoing(now + ms).empty()) ++ms;
    CHECK(ms == said);
    CHECK(w.wait_ms(now + ms) == 0);  // until it is sent
    return ms;
  };
  for (int round = 0; round < 40; ++round) {  // each takes half a second
    const datagram update = f.update_of(0, now);
    const uint32_t first = waits();
    CHECK(first <= 8000);
    if (round == 39) {
      CHECK(first <= 1100);
      CHECK(first >= 750);
    }
    f.to_center(update);
    const datagram b = copy(f.center.close_round(0));
    CHECK(w.handle(view(b), now += 500) == status::ok);
    CHECK(w.wait_ms(now) == small_worker::never());
  }
  for (int round = 0; round < 60; ++round) {  // slower than ever was thought
    const datagram update = f.update_of(0, now);
    CHECK(waits() <= 8192);
    f.to_center(update);
    const datagram b = copy(f.center.close_round(0));
    CHECK(w.handle(view(b), now += 20000) == status::ok);
  }
  f.update_of(0, now);
  CHECK(waits() >= 6000);
}

TEST_CASE("an answer that may be to an earlier try does not make a worker impatient") {
  small_fleet f(1);
  small_worker& w = f.workers[0];
  w.set_resend_ms(1000);
  uint32_t now = 0;
  for (int round = 0; round < 20; ++round) {
    const datagram update = f.update_of(0, now);
    now += 3000;
    REQUIRE(sent_by(w, now) == update);  // lost, and sent again
    f.to_center(update);
    const datagram b = copy(f.center.close_round(0));
    CHECK(w.handle(view(b), ++now) == status::ok);  // at once
  }
  f.update_of(0, now);
  CHECK(w.wait_ms(now) >= 750);
}
