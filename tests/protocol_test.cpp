// SPDX-License-Identifier: MIT
// What a network may do to "who says what when" (weir/wire/README.md): old answers, answers to others, refusals at odd moments,
// and answers that never come. Whatever it is, a worker comes in again, and no round waits for one that has left.
#include <doctest/doctest.h>
#include <algorithm>
#include <deque>
#include <initializer_list>

#include "support/nvm.hpp"
#include "support/small_fleet.hpp"

using namespace test_support;
using weir::frame_kind;
using weir::membership;
using weir::status;

namespace {

constexpr uint32_t long_ms = 300000;  // longer than any wait for an answer

/// Turns of worker and coordinator, a long time apart: does it become a member?
template <class Worker>
bool comes_in(Worker& w, small_coordinator& c) {
  uint32_t now = 0;
  for (int i = 0; i < 400 && w.member_state() != membership::member; ++i, now += long_ms) {
    const datagram d = copy(w.outgoing(now));
    if (d.empty()) continue;
    w.sent(now);
    const auto o = c.handle(view(d));
    if (!o.answer.empty()) w.handle(view(copy(o.answer)), now);
  }
  return w.member_state() == membership::member;
}
/// The same for one that is said to be somewhere else than in: what it says arrives, and is answered.
void turns(small_worker& w, small_coordinator& c) {
  for (uint32_t i = 1; i < 100; ++i) exchange(w, c, i * long_ms);
}

datagram refusal(status why) { return make({frame_kind::refusal, small_tag(), 0, 0, 0}, {static_cast<uint8_t>(why)}); }
datagram welcome(uint16_t round, const weir::welcome_body& b) {
  return make({frame_kind::welcome, small_tag(), 0, 0, round}, body_of(b));
}
/// Closes rounds that the worker does not hear of, and lets it know of the last.
void run_ahead(small_fleet& f, small_worker& w, int rounds) {
  for (int i = 0; i < rounds; ++i) f.center.close_round(0);
  CHECK(w.handle(view(copy(f.center.close_round(0))), 0) == status::ahead);
}
/// Leaves it where it fetches the fleet's weights.
void begin_fetching(small_fleet& f, small_worker& w) {
  w.begin(make_pipe(), weir::rank_t{0}, 99);
  while (w.member_state() != membership::fetching) REQUIRE(exchange(w, f.center, 0));
}

}  // namespace

// ---- refusals -------------------------------------------------------------------------------------------------------------

TEST_CASE("a late refusal does not stop a worker that fetches the weights") {
  small_fleet f(1);
  small_worker& w = f.workers[0];
  begin_fetching(f, w);
  sent_by(w, 0);  // asks for a piece
  CHECK(w.handle(view(refusal(status::wrong_rank)), 0) == status::ok);
  CHECK(comes_in(w, f.center));  // and no broadcast helps: the round waits for it
}

TEST_CASE("a late refusal does not stop a worker that catches up before it is in") {
  small_fleet f(1);
  small_worker& w = f.workers[0];
  w.come_back();
  for (int i = 0; i < 3; ++i) f.center.close_round(0);
  REQUIRE(exchange(w, f.center, 0));  // told to ask for broadcasts, and to join again
  REQUIRE(kind_of(sent_by(w, 0)) == frame_kind::ask);
  CHECK(w.handle(view(refusal(status::wrong_rank)), 0) == status::ok);
  CHECK(comes_in(w, f.center));
  CHECK(same_weights(w, f.center));
}

TEST_CASE("a late refusal does not keep a worker from hearing that there is another epoch") {
  small_fleet f(2);
  small_worker& w = f.workers[0];
  const datagram update = f.update_of(0);
  f.to_center(update);
  CHECK(w.handle(view(copy(f.center.handle(view(update)).answer)), 0) == status::ok);
  REQUIRE(kind_of(sent_by(w, long_ms)) == frame_kind::ask);  // for the open round's broadcast
  CHECK(w.handle(view(refusal(status::wrong_rank)), long_ms) == status::ok);
  f.center.begin(make_link(), weir::fleet_terms{2, 0, 0, 0}, 1, 0, 0xbeef);
  CHECK(comes_in(w, f.center));
}

TEST_CASE("a late refusal does not bring a worker back that has left") {
  small_fleet f(2);
  small_worker& w = f.workers[0];
  w.leave();
  REQUIRE(exchange(w, f.center, 0));
  CHECK(w.handle(view(refusal(status::wrong_rank)), 0) == status::stale);
  CHECK(w.member_state() == membership::left);
  CHECK(w.outgoing(10 * long_ms).empty());
}

TEST_CASE("a worker that fetches weights is told that there is another epoch, and joins that") {
  small_fleet f(1);
  small_worker& w = f.workers[0];
  begin_fetching(f, w);
  REQUIRE(exchange(w, f.center, 0));
  f.center.begin(make_link(), weir::fleet_terms{1, 0, 0, 0}, 1, 0, 0xbeef);
  REQUIRE(exchange(w, f.center, 0));
  CHECK(w.member_state() == membership::joining);
  CHECK(comes_in(w, f.center));
  CHECK(w.epoch() == 0xbeef);
  CHECK(same_weights(w, f.center));
}

// ---- leaving --------------------------------------------------------------------------------------------------------------

TEST_CASE("a join that comes late does not make rounds wait for a worker that has left") {
  small_fleet f(2);
  small_worker& w = f.workers[0];
  w.come_back();
  const datagram join_again = sent_by(w, 0);
  REQUIRE(kind_of(join_again) == frame_kind::join);
  w.handle(view(copy(f.center.handle(view(join_again)).answer)), 0);
  w.leave();
  REQUIRE(exchange(w, f.center, 0));
  REQUIRE(w.member_state() == membership::left);
  w.handle(view(copy(f.center.handle(view(join_again)).answer)), 0);
  turns(w, f.center);
  CHECK(w.member_state() == membership::left);
  f.to_center(f.update_of(1));
  CHECK(f.center.round_due(0));
}

TEST_CASE("a farewell is for one leave: a copy of it does not answer the next") {
  small_fleet f(2);
  small_worker& w = f.workers[0];
  w.leave();
  const datagram farewell = copy(f.center.handle(view(sent_by(w, 0))).answer);
  CHECK(w.handle(view(farewell), 0) == status::ok);
  w.come_back();
  join(w, f.center);
  SUBCASE("which got lost") {
    f.round();
    w.leave();
    REQUIRE(kind_of(sent_by(w, 0)) == frame_kind::leave);
  }
  SUBCASE("which it has not said yet") { w.leave(); }
  SUBCASE("which is to come when its update has arrived, and it has asked for a broadcast") {
    f.update_of(0);
    w.leave();
    CHECK(w.handle(view(make({frame_kind::broadcast, small_tag(), 0, 0, 9}, {})), 0) == status::ahead);
    REQUIRE(kind_of(sent_by(w, 0)) == frame_kind::ask);
  }
  SUBCASE("which is to come when it has the broadcast that its update is in") {
    const datagram update = f.update_of(0);
    f.to_center(update);
    w.leave();
    CHECK(w.handle(view(copy(f.center.handle(view(update)).answer)), 0) == status::ok);
    REQUIRE(kind_of(sent_by(w, long_ms)) == frame_kind::ask);
  }
  CHECK(w.handle(view(farewell), 0) == status::stale);
  CHECK(w.member_state() == membership::member);
  for (int rounds = 0; rounds < 2; ++rounds) {
    turns(w, f.center);
    f.to_center(f.update_of(1));
    CHECK(f.center.round_due(0));
    const datagram broadcast = copy(f.center.close_round(0));
    for (small_worker& all : f.workers) all.handle(view(broadcast), 0);
  }
  turns(w, f.center);
  CHECK(w.member_state() == membership::left);
  CHECK(f.center.awaited() == 1);
}

TEST_CASE("a leave that comes late does not send anybody away who has come back") {
  small_fleet f(2);
  small_worker& w = f.workers[0];
  w.leave();
  const datagram leave = sent_by(w, 0);
  CHECK(w.handle(view(copy(f.center.handle(view(leave)).answer)), 0) == status::ok);
  w.come_back();
  join(w, f.center);
  f.round();
  CHECK(f.center.handle(view(leave)).result == status::stale);
  CHECK(f.center.awaited() == 2);
}

TEST_CASE("who leaves when it has been refused is gone at once") {
  small_fleet f(1);
  small_worker& w = f.workers[0];
  CHECK(w.handle(view(refusal(status::wrong_rank)), 0) == status::ok);
  w.leave();
  CHECK(w.member_state() == membership::left);
}

TEST_CASE("who leaves while it fetches weights goes when its update has arrived, and says so") {
  small_fleet f(2);
  small_worker& w = f.workers[0];
  f.update_of(0);  // lost
  run_ahead(f, w, 6);
  REQUIRE(exchange(w, f.center, 0));
  REQUIRE(w.member_state() == membership::fetching);
  w.leave();
  for (uint32_t i = 1; i < 200; ++i) {
    exchange(w, f.center, i * long_ms);
    if (f.center.counted() != 0) w.handle(view(copy(f.center.close_round(0))), i * long_ms);
  }
  CHECK(w.member_state() == membership::left);
  CHECK(!w.in_flight());
  CHECK(f.center.awaited() == 1);
}

// ---- rounds far apart -----------------------------------------------------------------------------------------------------

TEST_CASE("a worker without weights comes in whatever the round is, half of all rounds later too") {
  typedef weir::save_state<nvm_storage> saving;
  typedef weir::pipeline<weir::sgd, weir::fixed_wt, weir::ternary, by_hand, weir::accumulate_only, weir::ternary,
                         saving>
      pipe;
  typedef weir::worker<small_number, small_net, weir::softmax_cross_entropy, pipe> worker;
  for (uint32_t rounds = 0x7ffd; rounds < 0x8008; ++rounds) {  // 4 are in the coordinator's ring
    CAPTURE(rounds);
    small_coordinator c = {};
    c.begin(make_link(), weir::fleet_terms{1, 0, 0, 0});
    nvm memory(worker::saved_bytes());
    worker w = {};
    const auto begin = [&] {
      w.begin(pipe{weir::sgd{0.1f}, weir::fixed_wt{0.002f}, weir::ternary{}, by_hand{}, weir::accumulate_only{},
                   saving{nvm_storage{&memory}}},
              weir::rank_t{0});
    };
    begin();
    REQUIRE(comes_in(w, c));
    const small_number x[5] = {small_number(0.5f), small_number(0.25f), small_number(1.0f), small_number(0.0f),
                               small_number(0.75f)};
    w.train(x, 1);
    REQUIRE(kind_of(copy(w.outgoing(long_ms * 400))) == frame_kind::update);  // and is saved
    for (uint32_t i = 0; i < rounds; ++i) c.close_round(0);
    begin();
    REQUIRE(w.recovered() == weir::recovery::state);
    CHECK(comes_in(w, c));
  }
}

// ---- answers at odd moments -----------------------------------------------------------------------------------------------

TEST_CASE("weights that are out of date before all pieces are here are fetched anew") {
  small_fleet f(1);
  small_worker& w = f.workers[0];
  begin_fetching(f, w);
  REQUIRE(exchange(w, f.center, 0));  // some weights, of round 0
  run_ahead(f, w, 6);
  const datagram ask = sent_by(w, 0);
  CHECK(open(ask).body == datagram{0, 0});  // for broadcast 1, which nobody has any more
  const datagram snapshot = copy(f.center.handle(view(ask)).answer);
  REQUIRE(kind_of(snapshot) == frame_kind::welcome);
  CHECK(w.handle(view(snapshot), 0) == status::ok);
  CHECK(w.round_number() == 7);
  CHECK(open(sent_by(w, 0)).body == datagram{7, 0, 0});  // from the first weight on
  CHECK(comes_in(w, f.center));
  CHECK(same_weights(w, f.center));
}

TEST_CASE("however many broadcasts are missing, it comes in again, and has the fleet's weights") {
  for (const int missing : {1, 3, 4, 14, 15, 16, 40}) {
    CAPTURE(missing);
    small_fleet f(2);
    small_worker& w = f.workers[0];
    f.round();
    run_ahead(f, w, missing);
    for (uint32_t now = 0; !same_weights(w, f.center); now += long_ms) {
      REQUIRE(now < 200 * long_ms);
      exchange(w, f.center, now);
    }
    REQUIRE(comes_in(w, f.center));
    CHECK(w.round_number() == missing + 2);
  }
}

TEST_CASE("a worker knows how long it may sleep: until something is to be said again") {
  small_fleet f(1);
  small_worker& w = f.workers[0];
  CHECK(w.outgoing(0).empty());
  CHECK(w.wait_ms(0) == 0xffffffff);  // it does not train: only what arrives can wake it
  const uint32_t sent = 0xfffffff0;   // the clock wraps
  const datagram update = f.update_of(0, sent);
  const uint32_t wait = w.wait_ms(sent);
  CHECK(w.wait_ms(sent + 20) == wait - 20);
  CHECK(w.outgoing(sent + wait - 1).empty());
  CHECK(w.wait_ms(sent + wait + 5) == 0);
  CHECK(copy(w.outgoing(sent + wait)) == update);
}

TEST_CASE("an acknowledgement is heard while other answers are waited for, and does not stand in for them") {
  small_fleet f(2);
  small_worker& w = f.workers[0];
  const datagram update = f.update_of(0);
  f.to_center(update);
  const datagram acknowledgement = copy(f.center.handle(view(update)).answer);
  SUBCASE("a broadcast") {
    CHECK(w.handle(view(make({frame_kind::broadcast, small_tag(), 0, 0, 9}, {})), 0) == status::ahead);
    REQUIRE(kind_of(sent_by(w, 0)) == frame_kind::ask);
  }
  SUBCASE("pieces") {
    f.to_center(f.update_of(1));
    run_ahead(f, w, 5);
    REQUIRE(kind_of(sent_by(w, 0)) == frame_kind::ask);
    const weir::welcome_body early = {2, 0, 0, 2, 1, 0, true, false, false};  // said before the update came
    CHECK(w.handle(view(welcome(6, early)), 0) == status::ok);
    REQUIRE(w.member_state() == membership::fetching);
    REQUIRE(w.in_flight());
    REQUIRE(kind_of(sent_by(w, 0)) == frame_kind::ask);
  }
  const membership before = w.member_state();
  CHECK(w.handle(view(acknowledgement), 0) == status::ok);
  CHECK(!w.in_flight());
  CHECK(w.member_state() == before);
  CHECK(w.outgoing(0).empty());                                  // the question is under way
  CHECK(kind_of(copy(w.outgoing(long_ms))) == frame_kind::ask);  // and comes again
}

TEST_CASE("two devices of one rank: whoever was behind goes on after what the other has used") {
  small_fleet f(1);
  small_worker& w = f.workers[0];
  small_worker twin = w;
  for (int i = 0; i < 3; ++i) f.round();
  twin.come_back();
  REQUIRE(comes_in(twin, f.center));
  CHECK(same_weights(twin, f.center));
  train(twin, 1);
  const datagram update = copy(twin.outgoing(400 * long_ms));
  CHECK(kind_of(update) == frame_kind::update);
  CHECK(open(update).h.sequence == w.sequence() + 1);
}

// ---- how much at once, and how large --------------------------------------------------------------------------------------

namespace {

/// A line that brings whatever the test has put there, in packets smaller than a frame.
struct flooded {
  std::deque<datagram>* arriving;
  static size_t mtu() noexcept { return 60; }
  static status send(weir::const_bytes) noexcept { return status::ok; }
  size_t receive(weir::bytes into) const {
    if (arriving->empty()) return 0;
    const datagram d = arriving->front();
    arriving->pop_front();
    REQUIRE(d.size() <= into.size());
    std::copy(d.begin(), d.end(), into.begin());
    return d.size();
  }
};
// Almost nothing of what is beyond Wt is kept, at both ends.
typedef weir::clipped_residual<weir::fixed_wt> clipped;
typedef weir::pipeline<weir::sgd, clipped, weir::ternary, flooded> flooded_pipe;
typedef weir::worker<small_number, small_net, weir::softmax_cross_entropy, flooded_pipe> flooded_worker;
typedef weir::downlink<weir::ternary, weir::mean, clipped> clipped_link;
typedef weir::coordinator<small_number, small_net, clipped_link, 1> clipped_coordinator;

flooded_pipe pipe_of(std::deque<datagram>& arriving) {
  return flooded_pipe{weir::sgd{1.0f}, clipped{weir::fixed_wt{0.002f}, 1.0f}, weir::ternary{}, flooded{&arriving}};
}
void train_on(flooded_worker& w) {
  const small_number x[5] = {small_number(0.5f), small_number(-0.25f), small_number(1.0f), small_number(0.0f),
                             small_number(0.75f)};
  w.train(x, 1);
}

}  // namespace

TEST_CASE("a flood does not keep a worker from its work: eight datagrams in one poll") {
  std::deque<datagram> arriving(20, datagram(5, 0));
  flooded_worker w = {};
  w.begin(pipe_of(arriving), weir::rank_t{0});
  w.poll(0);
  CHECK(arriving.size() == 12);
}

TEST_CASE("a line whose packets are smaller than the fleet's frames is refused, and says why") {
  std::deque<datagram> arriving;
  flooded_worker w = {};
  w.begin(pipe_of(arriving), weir::rank_t{0});
  weir::join_body j;
  const opened join = open(copy(w.outgoing(0)));
  REQUIRE(weir::join_body::get(view(join.body), j) == status::ok);
  CHECK(j.frame_bytes == 60);
  small_coordinator c = {};
  c.begin(make_link(), weir::fleet_terms{1, 0, 0, 0});
  const auto o = c.handle(w.outgoing(0));
  w.sent(0);
  CHECK(o.result == status::too_big);
  CHECK(w.handle(view(copy(o.answer)), 0) == status::ok);
  CHECK(w.refusal() == status::too_big);
}

TEST_CASE("batches are counted as far as 16 bits go") {
  std::deque<datagram> arriving;
  flooded_worker w = {};
  w.begin(pipe_of(arriving), weir::rank_t{0});
  for (uint32_t i = 0; i < 0x10001; ++i) train_on(w);
  CHECK(w.batches() == 0xffff);
}

TEST_CASE("what a threshold cuts off is counted as written off, by worker and coordinator") {
  std::deque<datagram> arriving;
  flooded_worker w = {};
  w.begin(pipe_of(arriving), weir::rank_t{0});
  const auto answer_to = [&](const weir::welcome_body& b) {
    REQUIRE(!w.outgoing(0).empty());
    w.sent(0);
    REQUIRE(w.handle(
                view(make({frame_kind::welcome, static_cast<uint16_t>(w.fingerprint() & 0xffff), 0, 0, 0}, body_of(b))),
                0) == status::ok);
  };
  answer_to({1, 0, 0, 0, 0, 0, false, false, false});
  answer_to({1, 0, 0, 1, 1, 0, false, false, false});
  REQUIRE(w.member_state() == membership::member);
  train_on(w);
  const uint32_t before = w.saturated();
  const datagram update = copy(w.outgoing(0));
  REQUIRE(kind_of(update) == frame_kind::update);
  CHECK(w.report().clipped > 0);
  CHECK(w.saturated() == before + w.report().clipped);

  clipped_coordinator c = {};
  c.begin(clipped_link{weir::mean{}, clipped{weir::fixed_wt{0.0005f}, 1.0f}, weir::ternary{}},
          weir::fleet_terms{1, 0, 0, 0});
  REQUIRE(c.handle(view(update)).result == status::ok);
  c.close_round(0);
  CHECK(c.report().clipped > 0);
  CHECK(c.saturated() == c.report().clipped);
}
