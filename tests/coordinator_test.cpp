// SPDX-License-Identifier: MIT
#include "support/small_fleet.hpp"

#include <memory>

using namespace test_support;
using weir::frame_kind;
using weir::status;

namespace {

typedef weir::ternary encoder;

/// What is to be told of a coordinator from outside, besides what it will do next.
struct books {
  std::vector<int32_t> pending;
  datagram weights;
  uint16_t counted, round;
  uint32_t saturated;

  explicit books(const small_coordinator& c) : counted(c.counted()), round(c.round_number()), saturated(c.saturated()) {
    for (const auto& cell : c.pending()) pending.push_back(cell.raw);
    const uint8_t* raw = reinterpret_cast<const uint8_t*>(c.weights().data());
    weights.assign(raw, raw + c.weights().size() * sizeof(small_number));
  }
  bool operator==(const books& o) const {
    return pending == o.pending && weights == o.weights && counted == o.counted && round == o.round &&
           saturated == o.saturated;
  }
};

/// Refused, with this status; nothing has changed: not a byte if there is no answer, and the books in any case.
void check_refused(small_coordinator& c, const datagram& d, status why, bool answered = false) {
  const datagram before = bytes_of(c);
  const books there(c);
  const auto o = c.handle(view(d));
  CHECK(o.result == why);
  CHECK(o.answer.empty() == !answered);
  CHECK(books(c) == there);
  if (!answered) CHECK(bytes_of(c) == before);
}

/// A body with one coordinate: `units` out of weight `index`.
datagram one(weir::index_t index, int32_t units) {
  typedef weir::worker_grid<weir::number<small_number>> grids;
  typedef weir::fixed<int16_t, 18> cell;
  uint8_t out[20];
  const weir::encode_request request = {static_cast<float>(units < 0 ? -units : units) / 4096.0f,
                                        small_net::parameters(), 0, 1};
  weir::strom::writer<grids::type> writer(weir::strom(), weir::strom::state(), grids::make(), request,
                                          weir::bytes(out));
  cell c = cell::from_raw(static_cast<int16_t>(units * 64));
  REQUIRE(writer.put(index, c));
  REQUIRE(c.raw == 0);
  weir::strom::state s;
  return datagram(out, out + writer.finish(s));
}
datagram update(uint16_t rank, uint16_t sequence, uint16_t round, const datagram& body) {
  return make({frame_kind::update, small_tag(), rank, sequence, round}, body);
}
datagram ask(uint16_t rank, const datagram& body) { return make({frame_kind::ask, small_tag(), rank, 0, 0}, body); }
datagram join(uint16_t rank, uint16_t sequence, const weir::join_body& j) {
  return make({frame_kind::join, static_cast<uint16_t>(j.fingerprint & 0xffff), rank, sequence, j.round_number},
              body_of(j));
}
weir::join_body body_like(const small_coordinator& c) {
  return {small_coordinator::fingerprint(), weir::wire::hash(c.weights().data(), small_net::parameters()),
          c.round_number(), c.epoch(), 64, false, false};
}
weir::welcome_body welcome_in(const small_coordinator::outcome& o) {
  const opened w = open(copy(o.answer));
  REQUIRE(w.h.kind == frame_kind::welcome);
  CHECK(w.h.rank == o.rank);
  weir::welcome_body b;
  REQUIRE(weir::welcome_body::get(view(w.body), b) == status::ok);
  return b;
}

std::unique_ptr<small_coordinator> started(uint16_t ranks, uint32_t deadline_ms = 0, uint16_t quorum = 0) {
  auto c = std::make_unique<small_coordinator>();
  c->begin(make_link(), weir::fleet_terms{ranks, 3, deadline_ms, 0.25f, quorum});
  return c;
}

struct queue_hub {
  std::vector<datagram> up;
  std::vector<datagram> down;
  std::vector<datagram> broadcasts;
  size_t receive(weir::bytes into) {
    if (up.empty()) return 0;
    const datagram d = up.front();
    up.erase(up.begin());
    REQUIRE(d.size() <= into.size());
    std::memcpy(into.data(), d.data(), d.size());
    return d.size();
  }
  status send(uint16_t, weir::const_bytes d) {
    down.push_back(copy(d));
    return status::ok;
  }
  void broadcast(weir::const_bytes d) { broadcasts.push_back(copy(d)); }
};

}  // namespace

TEST_CASE("an update counts once: by its sequence, whatever round it is from, and however it wraps") {
  const auto c = started(2);
  const datagram body = one(7, 5);
  uint16_t sequence = 1;
  int32_t want = 0;
  for (int i = 0; i < 70000; ++i, sequence = static_cast<uint16_t>(sequence + 1 + i % 3)) {
    const datagram d = update(1, sequence, static_cast<uint16_t>(i * 37), i % 100 == 0 ? body : datagram());
    REQUIRE(c->handle(view(d)).result == status::ok);
    want += i % 100 == 0 ? 5 : 0;
    REQUIRE(c->pending()[7].raw == want);
    REQUIRE(c->counted() == 1);
    if (i % 50 != 0) continue;
    REQUIRE(c->handle(view(d)).result == status::repeated);
    for (const int back : {1, 100, 30000})
      REQUIRE(c->handle(view(update(1, static_cast<uint16_t>(sequence - back), 0, body))).result == status::repeated);
    REQUIRE(c->pending()[7].raw == want);
  }
}

TEST_CASE("a repeated update changes nothing, not a byte but for the answer, and is acknowledged again") {
  const auto c = started(3);
  const datagram d = update(1, 9, 0, one(3, 4));
  CHECK(c->handle(view(d)).result == status::ok);
  CHECK(c->handle(view(d)).answer.size() != 0);
  const books there(*c);
  const datagram all = bytes_of(*c);
  for (int i = 0; i < 5; ++i) {
    const auto o = c->handle(view(d));
    CHECK(o.result == status::repeated);
    CHECK(o.rank == 1);
    const opened ack = open(copy(o.answer));
    CHECK(ack.h.kind == frame_kind::acknowledgement);
    CHECK(ack.h.rank == 1);
    CHECK(ack.h.round_number == 1);  // the open round's broadcast will count it
    CHECK(ack.body == datagram{9, 0});
    CHECK(books(*c) == there);
    CHECK(bytes_of(*c) == all);
  }
}

TEST_CASE("which answer a repeated update gets") {
  const auto c = started(2, 1);
  const datagram timely = update(0, 1, 0, {}), late = update(1, 1, 0, {});
  c->handle(view(timely));
  c->close_round(0);  // 1 counts rank 0
  c->handle(view(late));
  c->close_round(0);  // 2 counts rank 1
  const auto first = c->handle(view(timely));
  CHECK(open(copy(first.answer)).h.round_number == 1);
  CHECK(kind_of(copy(first.answer)) == frame_kind::broadcast_some);
  const auto second = c->handle(view(late));  // broadcast 1 would tell it nothing
  CHECK(kind_of(copy(second.answer)) == frame_kind::acknowledgement);
  CHECK(open(copy(second.answer)).h.round_number == 2);
  for (int i = 0; i < 300; ++i) c->close_round(0);
  const auto third = c->handle(view(timely));  // far out of the ring: no reason to fetch a snapshot yet
  CHECK(third.result == status::repeated);
  CHECK(kind_of(copy(third.answer)) == frame_kind::acknowledgement);
  CHECK(open(copy(third.answer)).h.round_number == 302);
}

TEST_CASE("what is damaged, cut, foreign or malformed is refused, says why, and changes nothing") {
  const auto c = started(4);
  CHECK(c->handle(view(update(2, 5, 0, one(1, 2)))).result == status::ok);
  const datagram good = update(1, 1, 0, one(7, 5));
  for (size_t keep = 0; keep < good.size(); ++keep)
    check_refused(*c, datagram(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(keep)), status::truncated);
  for (size_t a = 8; a < good.size() * 8; ++a) {
    datagram d = good;
    d[a / 8] = static_cast<uint8_t>(d[a / 8] ^ (1u << (a % 8)));
    const datagram before = bytes_of(*c);
    const status s = c->handle(view(d)).result;
    CHECK((s == status::damaged || s == status::truncated));
    CHECK(bytes_of(*c) == before);
  }
  const uint16_t foreign = static_cast<uint16_t>(small_tag() + 1);
  check_refused(*c, make({frame_kind::update, foreign, 1, 1, 0}, open(good).body), status::wrong_epoch, true);
  check_refused(*c, make({frame_kind::broadcast, small_tag(), 0, 0, 1}, {}), status::wrong_kind);
  check_refused(*c, update(4, 1, 0, {}), status::wrong_rank, true);
  check_refused(*c, update(16383, 1, 0, {}), status::wrong_rank, true);
  check_refused(*c, update(1, 1, 0, {0xff}), status::malformed, true);
  check_refused(*c, update(1, 1, 0, {0x00, 0x00, 0x00, 0x00}), status::malformed, true);  // a magnitude of nothing
  check_refused(*c, ask(1, {1}), status::malformed);
  check_refused(*c, ask(1, {0, 0, 39}), status::malformed);  // there are 39 weights
  check_refused(*c, make({frame_kind::join, small_tag(), 1, 1, 0}, {1, 2, 3}), status::malformed);
  weir::join_body j = body_like(*c);
  j.fingerprint ^= 0x10000;
  check_refused(*c, join(1, 1, j), status::wrong_model, true);
  j = body_like(*c);
  check_refused(*c, join(4, 1, j), status::wrong_rank, true);
  for (const uint32_t frame_bytes : {63u, 65u, 0u}) {
    j.frame_bytes = frame_bytes;
    check_refused(*c, join(1, 1, j), status::too_big, true);
  }
  CHECK(c->handle(view(good)).result == status::ok);
}

TEST_CASE("a refusal is in words that its receiver takes") {
  const auto c = started(2);
  weir::join_body j = body_like(*c);
  j.fingerprint = 0x1234abcd;
  const auto o = c->handle(view(join(300, 1, j)));
  const opened refusal = open(copy(o.answer));
  CHECK(refusal.h.kind == frame_kind::refusal);
  CHECK(refusal.h.fingerprint == 0xabcd);
  CHECK(refusal.h.rank == 300);
  CHECK(refusal.body == datagram{static_cast<uint8_t>(status::wrong_model)});
}

TEST_CASE("welcomes: what they say, and that a claim uses sequences up, once") {
  const auto c = started(2);
  const auto join_with = [&](uint16_t sequence, bool claim) {
    weir::join_body j = body_like(*c);
    j.claim = claim;
    return welcome_in(c->handle(view(join(1, sequence, j))));
  };
  weir::welcome_body b = join_with(0x5555, false);
  CHECK(b.ranks == 2);
  CHECK(b.steps == 3);
  CHECK(b.wt == 0.25f);
  CHECK(b.answers == 0x5555);
  CHECK(b.last_sequence == 0);
  CHECK(!b.snapshot);
  CHECK(!b.counted);
  CHECK(!b.behind);
  CHECK(join_with(1, true).last_sequence == 1);
  CHECK(join_with(1, true).last_sequence == 1);  // a second copy
  CHECK(join_with(0, true).last_sequence == 1);  // an old one
  CHECK(join_with(0x5555, false).last_sequence == 1);
  weir::join_body past = body_like(*c);  // it may have been on its way since another coordinator
  past.claim = true;
  past.epoch ^= 1;
  CHECK(welcome_in(c->handle(view(join(1, 7, past)))).last_sequence == 1);
  CHECK(c->handle(view(update(1, 1, 0, {}))).result == status::repeated);
  CHECK(c->handle(view(update(1, 2, 0, {}))).result == status::ok);
  b = join_with(2, false);
  CHECK(b.counted);
  CHECK(b.last_sequence == 2);
  weir::join_body other = body_like(*c);
  other.weights_hash ^= 1;
  CHECK(welcome_in(c->handle(view(join(0, 0, other)))).snapshot);
  const weir::join_body then = body_like(*c);
  for (int i = 0; i < 4; ++i) c->close_round(0);
  b = welcome_in(c->handle(view(join(0, 0, then))));
  CHECK(b.behind);
  CHECK(!b.snapshot);
  c->close_round(0);
  CHECK(welcome_in(c->handle(view(join(0, 0, then)))).snapshot);
}

TEST_CASE("asking: the next broadcast, nothing when there is none, a snapshot when it is gone, pieces") {
  const auto c = started(1);
  const auto o = c->handle(view(ask(0, {0, 0})));
  CHECK(o.result == status::ok);
  CHECK(o.answer.empty());
  std::vector<datagram> sent = {{}};
  for (int i = 0; i < 6; ++i) sent.push_back(copy(c->close_round(0)));
  for (uint8_t r = 2; r < 6; ++r) CHECK(copy(c->handle(view(ask(0, {r, 0}))).answer) == sent[r + 1u]);
  CHECK(welcome_in(c->handle(view(ask(0, {1, 0})))).snapshot);
  CHECK(welcome_in(c->handle(view(ask(0, {7, 0})))).snapshot);  // of the future: it is not of this fleet

  const opened piece = open(copy(c->handle(view(ask(0, {0, 0, 30}))).answer));
  CHECK(piece.h.kind == frame_kind::piece);
  CHECK(piece.h.round_number == 6);
  CHECK(piece.body.size() == 1 + 9 * 2);
  CHECK(piece.body[0] == 30);
  CHECK(std::memcmp(piece.body.data() + 1, c->weights().data() + 30, 18) == 0);
  const opened full = open(copy(c->handle(view(ask(0, {0, 0, 0}))).answer));
  CHECK(full.body.size() > 40);
}

TEST_CASE("broadcasts in the ring survive the wrap of round numbers") {
  const auto c = started(1);
  std::vector<datagram> last(4);
  for (uint32_t i = 1; i <= 65540; ++i) {
    last[i % 4] = copy(c->close_round(0));
    if (i < 65530) continue;
    for (uint32_t behind = 1; behind <= 4; ++behind) {
      const uint32_t from = i - behind;
      const auto o =
          c->handle(view(ask(0, {static_cast<uint8_t>(from & 0xff), static_cast<uint8_t>((from >> 8) & 0xff)})));
      REQUIRE(copy(o.answer) == last[(from + 1) % 4]);
    }
  }
}

TEST_CASE("the way down, to the unit: gain times what was applied is divisor times what was broadcast, and the rest") {
  auto c = std::make_unique<small_coordinator>();
  small_link link = make_link();
  link.aggregation = weir::mean(3, 1);  // a server step of 3/2
  c->begin(link, weir::fleet_terms{5, 0, 0, 0});
  CHECK(c->divisor() == 10);
  const datagram before = bytes_of(*c);
  std::vector<int64_t> applied(39), sent(39);
  weir::random_bits random(2);
  std::vector<small_number> weights(c->weights().begin(), c->weights().end());
  for (uint16_t round = 1; round <= 300; ++round) {
    for (uint16_t rank = 0; rank < 5; ++rank) {
      const weir::index_t i = random.below(39);
      const int32_t units = static_cast<int32_t>(1 + random.below(200)) * (random.below(2) == 0 ? 1 : -1);
      CHECK(c->handle(view(update(rank, round, 0, one(i, units)))).result == status::ok);
      applied[i] += units;
    }
    const opened b = open(copy(c->close_round(0)));
    CHECK(b.h.kind == frame_kind::broadcast);
    CHECK(b.h.round_number == round);
    encoder::decode<int32_t>(view(b.body), 39, [&](weir::index_t i, int32_t v) {
      sent[i] += v;
      weights[i].raw = static_cast<int16_t>(weights[i].raw - v);
    });
    for (size_t i = 0; i < 39; ++i) {
      REQUIRE(3 * applied[i] == 10 * sent[i] + c->pending()[i].raw);
      REQUIRE(weights[i] == c->weights()[i]);
    }
  }
  CHECK(c->saturated() == 0);
}

TEST_CASE("rounds wait for all ranks, or for the deadline, over the wrap of the clock") {
  const auto c = started(2);
  CHECK(!c->round_due(0xffffffff));
  c->handle(view(update(0, 1, 0, {})));
  CHECK(!c->round_due(1));
  c->handle(view(update(0, 2, 0, {})));  // a second one of the same rank: applied, and still one rank
  CHECK(c->counted() == 1);
  c->handle(view(update(1, 1, 0, {})));
  CHECK(c->round_due(1));
  c->close_round(1);
  CHECK(!c->round_due(1));

  const auto d = started(2, 500);
  d->close_round(0xfffffff0);
  CHECK(!d->round_due(0xfffffff0 + 499));
  CHECK(d->round_due(0xfffffff0 + 500));
}

TEST_CASE("a quorum closes rounds without the others, whose updates count later") {
  const auto c = started(3, 0, 2);
  queue_hub hub;
  hub.up = {update(0, 1, 0, {}), update(0, 2, 0, {}), update(1, 1, 0, {}), update(2, 1, 0, {})};
  CHECK(c->poll(hub, 0));  // two ranks, not two updates
  CHECK(kind_of(hub.broadcasts.back()) == frame_kind::broadcast_some);
  CHECK(hub.up.size() == 1);  // for the next round
  CHECK(!c->poll(hub, 0xffffffff));
  CHECK(c->counted() == 1);
  hub.up = {update(0, 3, 1, {})};
  CHECK(c->poll(hub, 0));
  const opened b = open(hub.broadcasts.back());
  for (uint16_t rank = 0; rank < 3; ++rank) {
    weir::byte_reader r(view(b.body));
    bool counted;
    REQUIRE(weir::wire::get_acks(r, 3, rank, counted) == status::ok);
    CHECK(counted == (rank != 1));
  }

  for (const uint16_t all : {uint16_t(0), uint16_t(3), uint16_t(9)}) {
    const auto d = started(3, 0, all);
    for (uint16_t rank = 0; rank < 3; ++rank) {
      CHECK(!d->round_due(0));
      d->handle(view(update(rank, 1, 0, {})));
    }
    CHECK(d->round_due(0));
    CHECK(kind_of(copy(d->close_round(0))) == frame_kind::broadcast);
  }
}

TEST_CASE("a round with missing ranks says which, and an empty one is broadcast too") {
  const auto c = started(10, 5);
  c->handle(view(update(3, 1, 0, {})));
  c->handle(view(update(8, 1, 0, {})));
  const opened b = open(copy(c->close_round(0)));
  CHECK(b.h.kind == frame_kind::broadcast_some);
  for (uint16_t rank = 0; rank < 10; ++rank) {
    weir::byte_reader r(view(b.body));
    bool counted;
    REQUIRE(weir::wire::get_acks(r, 10, rank, counted) == status::ok);
    CHECK(counted == (rank == 3 || rank == 8));
  }
  CHECK(open(copy(c->close_round(0))).h.round_number == 2);
}

TEST_CASE(
    "poll: what has arrived counts although the deadline has long passed, and nothing is lost when a round closes") {
  const auto c = started(2, 10);
  queue_hub hub;
  uint32_t now = 0;
  for (uint16_t s = 1; s <= 20; ++s) {
    now += 1000;  // called far too seldom
    hub.up.push_back(update(0, s, 0, {}));
    CHECK(c->poll(hub, now));
    CHECK(hub.up.empty());
    CHECK(kind_of(hub.broadcasts.back()) == frame_kind::broadcast_some);
    bool counted = false;
    const opened b = open(hub.broadcasts.back());
    weir::byte_reader r(view(b.body));
    REQUIRE(weir::wire::get_acks(r, 2, 0, counted) == status::ok);
    CHECK(counted);
  }
  // Both ranks are there: the round closes, and the rest of the line is for the next.
  hub.up = {update(0, 21, 0, {}), update(1, 1, 0, {}), update(0, 22, 0, {}), update(1, 2, 0, {})};
  CHECK(c->poll(hub, now));
  CHECK(hub.up.size() == 2);
  CHECK(c->poll(hub, now));
  CHECK(hub.up.empty());
  CHECK(kind_of(hub.broadcasts.back()) == frame_kind::broadcast);
  CHECK(!c->poll(hub, now));
  // A flood of answers does not keep the deadline from coming.
  for (int i = 0; i < 1000; ++i) hub.up.push_back(ask(1, {0, 0, 0}));
  CHECK(c->poll(hub, now + 10));
  CHECK(hub.up.size() > 900);
}

TEST_CASE("terms are kept within reason") {
  small_coordinator c = {};
  c.begin(make_link(), weir::fleet_terms{0, 0, 0, 0});
  CHECK(c.ranks() == 1);
  c.begin(make_link(), weir::fleet_terms{100, 0, 0, 0});
  CHECK(c.ranks() == 16);
}

TEST_CASE("a residual that overflows is counted, and stays sound") {
  const auto c = std::make_unique<small_coordinator>();
  small_link link = make_link();
  link.aggregation = weir::mean(65535, 0);
  c->begin(link, weir::fleet_terms{1, 0, 0, 0});
  for (uint16_t s = 1; s <= 200; ++s) CHECK(c->handle(view(update(0, s, 0, one(0, 500)))).result == status::ok);
  CHECK(c->saturated() > 0);
  CHECK(c->pending()[0].raw == INT32_MAX);
}

TEST_CASE("handling is total: random bodies in sound frames") {
  const auto c = started(4, 100);
  weir::random_bits random(23);
  for (int i = 0; i < 60000; ++i) {
    datagram body(random.below(50));
    for (uint8_t& b : body) b = static_cast<uint8_t>(random.below(random.below(2) == 0 ? 256 : 4));
    const auto kind = static_cast<frame_kind>(1 + random.below(3));
    const datagram d = make({kind, small_tag(), static_cast<uint16_t>(random.below(5)),
                             static_cast<uint16_t>(random.next()), static_cast<uint16_t>(random.next())},
                            body);
    const books there(*c);
    const auto o = c->handle(view(d));
    REQUIRE(o.answer.size() <= 64);
    if (o.result != status::ok || kind != frame_kind::update) REQUIRE(books(*c) == there);
    if (!o.answer.empty()) REQUIRE(open(copy(o.answer)).status == status::ok);
    if (random.below(20) == 0) {
      const datagram b = copy(c->close_round(0));
      REQUIRE(open(b).status == status::ok);
    }
  }
}
