// SPDX-License-Identifier: MIT
// Workers that save: what comes back after a reset, and what waits for what.
#include <algorithm>
#include <cstdlib>
#include <type_traits>

#include "support/nvm.hpp"
#include "support/small_fleet.hpp"

using namespace test_support;
using weir::frame_kind;
using weir::membership;
using weir::recovery;
using weir::status;

namespace {

template <class Saving>
using saving_pipe =
    weir::pipeline<weir::sgd, weir::fixed_wt, weir::ternary, by_hand, weir::accumulate_only, weir::ternary, Saving>;
template <class Saving>
using saving_worker = weir::worker<small_number, small_net, weir::softmax_cross_entropy, saving_pipe<Saving>>;

typedef weir::save_counters<nvm_storage> counters;
typedef weir::save_state<nvm_storage> state;
typedef weir::save_state8<nvm_storage> state8;
typedef weir::save_all<nvm_storage> all;

template <class Saving>
void begin(saving_worker<Saving>& w, nvm& memory, uint16_t rank = 0, uint32_t seed = 1) {
  w.begin(saving_pipe<Saving>{weir::sgd{0.1f}, weir::fixed_wt{0.002f}, weir::ternary{}, by_hand{},
                              weir::accumulate_only{}, Saving{nvm_storage{&memory}}},
          weir::rank_t{rank}, seed);
}

template <class Worker>
void train_some(Worker& w, uint32_t seed) {
  weir::random_bits random(seed);
  small_number x[5];
  for (small_number& v : x)
    v = small_number::from_raw(static_cast<int16_t>(static_cast<int32_t>(random.below(8192)) - 4096));
  w.train(x, random.below(3));
}
template <class Worker>
datagram next_sent(Worker& w, uint32_t now = 0) {
  const datagram d = copy(w.outgoing(now));
  if (!d.empty()) w.sent(now);
  return d;
}
/// Carries what the worker says to the coordinator, and the answers back, until it is a member; counts kinds of frames.
template <class Worker>
std::vector<int> join_all(Worker& w, small_coordinator& c) {
  std::vector<int> said(16);
  for (int i = 0; i < 300 && w.member_state() != membership::member; ++i) {
    const datagram d = next_sent(w);
    REQUIRE(!d.empty());
    ++said[static_cast<size_t>(kind_of(d))];
    const auto o = c.handle(view(d));
    if (!o.answer.empty()) w.handle(view(copy(o.answer)), 0);
  }
  REQUIRE(w.member_state() == membership::member);
  return said;
}
template <class Worker>
std::vector<int> cells_of(Worker& w) {
  std::vector<int> v;
  for (const auto cell : w.pending()) v.push_back(cell.raw);
  return v;
}
template <class Worker>
bool has_weights_of(Worker& w, const small_coordinator& c) {
  return std::memcmp(w.weights().data(), c.weights().data(), sizeof(small_number) * small_net::parameters()) == 0;
}
/// Trains and sends one update, which is counted; the round is closed, and the broadcast arrives.
template <class Worker>
datagram whole_round(Worker& w, small_coordinator& c, uint32_t seed) {
  train_some(w, seed);
  const datagram d = next_sent(w);
  REQUIRE(kind_of(d) == frame_kind::update);
  REQUIRE(c.handle(view(d)).result == status::ok);
  REQUIRE(w.handle(view(copy(c.close_round(0))), 0) == status::ok);
  return d;
}
small_coordinator new_center() {
  small_coordinator c = {};
  c.begin(make_link(), weir::fleet_terms{1, 0, 100, 0});
  return c;
}

// Sizes that the manual promises: 64-16-10 on a Mega, 16-8-4 on an Uno.
typedef weir::sequential<weir::input<64>, weir::dense<16>, weir::relu, weir::dense<10>> digits;
typedef weir::sequential<weir::input<16>, weir::dense<8>, weir::relu, weir::dense<4>> quarter;
template <class Net, class Saving>
using device = weir::worker<small_number, Net, weir::softmax_cross_entropy, saving_pipe<Saving>>;
static_assert(device<digits, weir::save_nothing>::saved_bytes() == 0, "");
static_assert(device<digits, counters>::saved_bytes() == 26, "");
static_assert(device<digits, state8>::saved_bytes() == 2 * (16 + 1210 + 64 + 5), "fits a Mega's 4,096");
static_assert(device<digits, state>::saved_bytes() == 2 * (16 + 2420 + 64 + 5), "does not");
static_assert(device<quarter, state>::saved_bytes() == 2 * (16 + 344 + 64 + 5), "fits an Uno's 1,024");
static_assert(device<quarter, all>::saved_bytes() == 2 * (16 + 344 + 344 + 64 + 1 + 5), "does not");
static_assert(sizeof(device<digits, weir::save_nothing>) ==
                  sizeof(weir::worker<small_number, digits, weir::softmax_cross_entropy, small_pipe>),
              "");
static_assert(sizeof(device<digits, state>) <= sizeof(device<digits, weir::save_nothing>) + 64,
              "no second copy of anything");
static_assert(std::is_trivially_default_constructible<device<digits, state>>::value, "");
static_assert(std::is_trivially_copyable<device<digits, state>>::value, "");

}  // namespace

TEST_CASE("a worker that saves nothing says so") {
  small_worker w = {};
  w.begin(make_pipe(), weir::rank_t{0});
  CHECK(!w.saves());
  CHECK(w.recovered() == recovery::nothing);
  CHECK(w.saved_bytes() == 0);
}

TEST_CASE("counters: written once for 64 frames, and no sequence is used twice") {
  small_coordinator c = new_center();
  nvm memory(saving_worker<counters>::saved_bytes());
  saving_worker<counters> w = {};
  uint16_t last = 0;
  for (int life = 0; life < 5; ++life) {
    begin(w, memory);
    CHECK(w.saves());
    CHECK(w.recovered() == (life == 0 ? recovery::nothing : recovery::counters));
    CHECK(!w.in_flight());
    const std::vector<int> said = join_all(w, c);
    CHECK(said[static_cast<size_t>(frame_kind::join)] == (life == 0 ? 2 : 2));  // once more after the snapshot
    CHECK(has_weights_of(w, c));
    size_t saves = 0, writes = memory.writes;
    for (uint32_t i = 0; i < 130; ++i) {
      const datagram d = whole_round(w, c, i);
      const uint16_t sequence = open(d).h.sequence;
      CHECK(weir::later(sequence, last));
      last = sequence;
      if (memory.writes != writes) ++saves;
      writes = memory.writes;
    }
    CHECK(saves == 3);  // 64, 64, and two more
    train_some(w, 1);
    const datagram lost = next_sent(w);  // on its way when the power fails
    last = open(lost).h.sequence;
  }
}

TEST_CASE("counters: what was on its way when the power failed is written off, and not mistaken for something new") {
  small_coordinator c = new_center();
  nvm memory(saving_worker<counters>::saved_bytes());
  saving_worker<counters> w = {};
  begin(w, memory);
  join_all(w, c);
  whole_round(w, c, 1);
  train_some(w, 2);
  const datagram old = next_sent(w);
  begin(w, memory);
  CHECK(w.round_number() == 0);  // as it was when the block was reserved
  join_all(w, c);
  for (const int cell : cells_of(w)) CHECK(cell == 0);
  CHECK(c.handle(view(old)).result == status::repeated);
  CHECK(c.counted() == 0);
  whole_round(w, c, 3);
  CHECK(has_weights_of(w, c));
}

TEST_CASE_TEMPLATE("state: the frame comes back as it was, with the residual behind it, and counts once", Saving, state,
                   state8, all) {
  const bool whole = !std::is_same<Saving, state8>::value;
  for (const bool arrives : {false, true}) {
    small_coordinator c = new_center();
    nvm memory(saving_worker<Saving>::saved_bytes());
    saving_worker<Saving> w = {};
    begin(w, memory);
    join_all(w, c);
    for (uint32_t i = 0; i < 5; ++i) whole_round(w, c, i);
    train_some(w, 77);
    const datagram frame = next_sent(w);
    const std::vector<int> cells = cells_of(w);
    train_some(w, 78);  // is as if it had never been
    CHECK(cells_of(w) != cells);
    if (arrives) CHECK(c.handle(view(frame)).result == status::ok);
    const uint16_t sequence = w.sequence();

    begin(w, memory);
    CHECK(w.recovered() == Saving::most());
    CHECK(w.sequence() == sequence);
    CHECK(w.in_flight());
    CHECK(copy(w.frame()) == frame);
    const std::vector<int> now = cells_of(w);
    if (whole) CHECK(now == cells);
    for (size_t i = 0; i < cells.size(); ++i) {
      CHECK(std::abs(now[i]) <= std::abs(cells[i]));  // low bits are written off
      CHECK(std::abs(now[i]) * 2 >= (std::abs(cells[i]) >= 128 ? std::abs(cells[i]) : 0));
    }
    const std::vector<int> said = join_all(w, c);
    const bool with_weights = Saving::most() == recovery::all;
    CHECK((said[static_cast<size_t>(frame_kind::ask)] == 0) == with_weights);  // pieces
    CHECK(said[static_cast<size_t>(frame_kind::join)] == (with_weights ? 1 : 2));
    CHECK(has_weights_of(w, c));
    CHECK(w.in_flight() == !arrives);
    if (!arrives) {
      CHECK(next_sent(w) == frame);
      CHECK(c.handle(view(frame)).result == status::ok);
    }
    CHECK(c.handle(view(frame)).result == status::repeated);
    CHECK(w.handle(view(copy(c.close_round(0))), 0) == status::ok);
    CHECK(!w.in_flight());
    const datagram next = whole_round(w, c, 79);
    CHECK(open(next).h.sequence == static_cast<uint16_t>(sequence + 1));
    CHECK(has_weights_of(w, c));
  }
}

TEST_CASE_TEMPLATE("a frame is held back until it is saved; the worker goes on meanwhile", Saving, counters, state) {
  small_coordinator c = new_center();
  nvm memory(saving_worker<Saving>::saved_bytes());
  memory.speed = 1;
  saving_worker<Saving> w = {};
  begin(w, memory);
  join_all(w, c);
  train_some(w, 1);
  int ticks = 0;
  datagram frame;
  const std::vector<int> before = cells_of(w);
  while (frame.empty()) {
    frame = copy(w.outgoing(0));
    CHECK(w.in_flight());
    CHECK((frame.empty() || !memory.fresh.empty() == false));
    train_some(w, 100 + static_cast<uint32_t>(ticks++));
    memory.tick();
    REQUIRE(ticks < 400);
  }
  CHECK(ticks > 5);
  CHECK(kind_of(frame) == frame_kind::update);
  CHECK(frame == copy(w.frame()));
  CHECK(cells_of(w) != before);
  // Questions need no saving: a worker that fell behind in the midst of a save asks at once.
  w.sent(0);
  CHECK(c.handle(view(frame)).result == status::ok);
  CHECK(w.handle(view(copy(c.close_round(0))), 0) == status::ok);
  if (std::is_same<Saving, state>::value) {
    CHECK(w.outgoing(0).empty());  // it has trained
    CHECK(w.in_flight());
    c.close_round(0);  // lost
    CHECK(w.handle(view(copy(c.close_round(0))), 0) == status::ahead);
    CHECK(kind_of(next_sent(w)) == frame_kind::ask);
    for (int i = 0; i < 300; ++i) {  // and the save goes on while it waits for the answer
      memory.tick();
      CHECK(w.outgoing(0).empty());
    }
    saving_worker<Saving> again = {};
    begin(again, memory);
    CHECK(again.sequence() == w.sequence());
    CHECK(copy(again.frame()) == copy(w.frame()));
  }
}

TEST_CASE("weights that a broadcast changed during the save are not trusted") {
  small_coordinator c = new_center();
  nvm memory(saving_worker<all>::saved_bytes());
  saving_worker<all> w = {};
  begin(w, memory);
  join_all(w, c);
  for (uint32_t i = 0; i < 5; ++i) whole_round(w, c, i);
  memory.tick();
  memory.speed = 60;
  train_some(w, 6);
  CHECK(w.outgoing(0).empty());
  memory.tick();
  CHECK(w.handle(view(copy(c.close_round(0))), 0) == status::ok);
  datagram frame;
  while (frame.empty()) {
    frame = next_sent(w);
    memory.tick();
  }
  begin(w, memory);
  CHECK(w.recovered() == recovery::state);
  CHECK(copy(w.frame()) == frame);
  const std::vector<int> said = join_all(w, c);
  CHECK(said[static_cast<size_t>(frame_kind::ask)] > 0);
  CHECK(has_weights_of(w, c));
}

TEST_CASE("a welcome to the former life does not make a worker without weights a member") {
  small_coordinator c = new_center();
  nvm memory(saving_worker<state>::saved_bytes());
  saving_worker<state> w = {};
  begin(w, memory);
  join_all(w, c);
  whole_round(w, c, 1);
  train_some(w, 2);
  const datagram frame = next_sent(w);
  const weir::welcome_body in = {1, 0, 0, w.sequence(), open(frame).h.sequence, 0, false, false, false};
  const datagram old = make({frame_kind::welcome, small_tag(), 0, 0, w.round_number()}, body_of(in));
  begin(w, memory);
  REQUIRE(kind_of(next_sent(w)) == frame_kind::join);
  CHECK(w.handle(view(old), 0) == status::stale);
  CHECK(w.in_flight());
}

TEST_CASE("a welcome from before the last frame was counted does not let a new one leave too early") {
  small_coordinator c = new_center();
  nvm memory(saving_worker<state>::saved_bytes());
  saving_worker<state> w = {};
  begin(w, memory);
  join_all(w, c);
  whole_round(w, c, 1);
  train_some(w, 2);
  const datagram frame = next_sent(w);
  const uint16_t sequence = w.sequence();
  const weir::welcome_body in = {1, 0, 0, sequence, static_cast<uint16_t>(sequence - 1), 0, false, false, false};
  const datagram old = make({frame_kind::welcome, small_tag(), 0, 0, w.round_number()}, body_of(in));
  begin(w, memory);
  CHECK(c.handle(view(frame)).result == status::ok);  // counted in the open round
  while (w.member_state() != membership::fetching) {
    const datagram d = next_sent(w);
    w.handle(view(copy(c.handle(view(d)).answer)), 0);
  }
  CHECK(!w.in_flight());
  while (w.member_state() == membership::fetching) {
    const datagram d = next_sent(w);
    w.handle(view(copy(c.handle(view(d)).answer)), 0);
  }
  const datagram join = next_sent(w);
  REQUIRE(kind_of(join) == frame_kind::join);
  CHECK(w.handle(view(old), 0) == status::stale);
  CHECK(w.handle(view(copy(c.handle(view(join)).answer)), 0) == status::ok);
  CHECK(w.member_state() == membership::member);
  train_some(w, 3);
  CHECK(w.outgoing(0).empty());  // not before the broadcast that counts the last one
}

TEST_CASE_TEMPLATE("a record of another rank, seed or kind of saving is none, and is overwritten", Saving, counters,
                   state) {
  small_coordinator c = {};
  c.begin(make_link(), weir::fleet_terms{2, 0, 100, 0});
  nvm memory(saving_worker<state>::saved_bytes());
  saving_worker<Saving> w = {};
  begin(w, memory);
  join_all(w, c);
  train_some(w, 1);
  REQUIRE(kind_of(next_sent(w)) == frame_kind::update);
  begin(w, memory);
  CHECK(w.recovered() == Saving::most());
  begin(w, memory, 1);
  CHECK(w.recovered() == recovery::nothing);
  CHECK(!w.in_flight());
  begin(w, memory, 0, 2);
  CHECK(w.recovered() == recovery::nothing);
  saving_worker<state8> narrow = {};
  begin(narrow, memory);
  CHECK(narrow.recovered() == recovery::nothing);

  begin(w, memory, 1);
  join_all(w, c);
  train_some(w, 2);
  const datagram frame = next_sent(w);
  REQUIRE(kind_of(frame) == frame_kind::update);
  train_some(w, 3);
  REQUIRE(c.handle(view(frame)).result == status::ok);
  REQUIRE(w.handle(view(copy(c.close_round(0))), 0) == status::ok);
  next_sent(w);
  begin(w, memory, 1);
  CHECK(w.recovered() == Saving::most());
}

TEST_CASE("a record that is older than what the coordinator knows is written off") {
  small_coordinator c = new_center();
  nvm memory(saving_worker<all>::saved_bytes());
  saving_worker<all> w = {};
  begin(w, memory);
  join_all(w, c);
  whole_round(w, c, 1);
  const nvm kept = memory;
  train_some(w, 2);
  whole_round(w, c, 3);
  memory = kept;  // somebody put an old copy back
  begin(w, memory);
  CHECK(w.recovered() == recovery::all);
  bool any = false;
  for (const int cell : cells_of(w)) any = any || cell != 0;
  CHECK(any);
  join_all(w, c);
  for (const int cell : cells_of(w)) CHECK(cell == 0);
  CHECK(w.recovered() == recovery::counters);
  CHECK(!w.in_flight());
  CHECK(has_weights_of(w, c));
  whole_round(w, c, 4);
  CHECK(has_weights_of(w, c));
}

TEST_CASE_TEMPLATE("a storage that is too small: the worker says so, and is one that saves nothing", Saving, counters,
                   state, state8, all) {
  small_coordinator c = new_center();
  nvm memory(saving_worker<Saving>::saved_bytes() - 1);
  for (int life = 0; life < 2; ++life) {
    saving_worker<Saving> w = {};
    begin(w, memory);
    CHECK(!w.saves());
    CHECK(w.recovered() == recovery::nothing);
    join_all(w, c);
    for (uint32_t i = 0; i < 70; ++i) whole_round(w, c, i);
  }
  CHECK(memory.writes == 0);
}

TEST_CASE("whatever the round is, a new worker and one that was away for long come in") {
  for (const uint32_t rounds : {1u, 4u, 5u, 4000u, 30000u, 32768u, 33000u, 40000u, 61000u, 65535u, 65536u, 65540u}) {
    CAPTURE(rounds);
    small_coordinator c = new_center();
    nvm memory(saving_worker<state>::saved_bytes());
    nvm few(saving_worker<counters>::saved_bytes());
    saving_worker<state> away = {};
    saving_worker<counters> also = {};
    begin(away, memory);
    join_all(away, c);
    train_some(away, 1);
    const datagram frame = next_sent(away);
    for (uint32_t i = 0; i < rounds; ++i) c.close_round(0);
    small_worker fresh = {};
    fresh.begin(make_pipe(), weir::rank_t{0}, 1, 77);
    if (rounds <= 61000) {
      begin(away, memory);
      CHECK(away.recovered() == recovery::state);
      join_all(away, c);
      CHECK(has_weights_of(away, c));
      CHECK(next_sent(away) == frame);
    }
    join(fresh, c);
    CHECK(same_weights(fresh, c));
    begin(also, few);
    join_all(also, c);
    CHECK(has_weights_of(also, c));
  }
}

TEST_CASE("8-bit cells: what comes back is never larger than what was there, however large it was") {
  typedef weir::narrow_cells::codec<weir::fixed<int16_t, 12>> codec;
  weir::random_bits random(5);
  for (int trial = 0; trial < 2000; ++trial) {
    weir::fixed<int16_t, 12> cells[6], back[6];
    const uint32_t range = 1 + random.below(65536);
    for (auto& c : cells)
      c.raw = static_cast<int16_t>(static_cast<int32_t>(random.below(range)) - static_cast<int32_t>(range / 2));
    if (trial % 7 == 0) cells[trial % 6].raw = trial % 2 == 0 ? INT16_MIN : INT16_MAX;
    const uint8_t shift = codec::shift(cells, 6);
    int most = 0;
    for (const auto& c : cells) most = std::max(most, std::abs(int{c.raw}));
    CHECK((most >> shift) <= 127);
    CHECK((shift == 0 || (most >> (shift - 1)) > 127));
    if (trial % 3 == 0) cells[5].raw = INT16_MAX;  // it grows while it is saved
    for (size_t i = 0; i < 6; ++i) {
      codec::set(back, i, codec::get(cells, i, shift), shift);
      const int was = cells[i].raw, now = back[i].raw;
      CHECK(std::abs(now) <= std::abs(was));
      CHECK(now * was >= 0);
      if (std::abs(was) <= most) CHECK(std::abs(was) - std::abs(now) < (1 << shift));
    }
  }
}

namespace {

/// What a policy is asked to save, without a worker.
struct life_of {
  uint8_t frame[48] = {};
  weir::worker_life<small_number>::residual cells[4] = {};
  small_number weights[4] = {};
  weir::worker_life<small_number> life = {7, 3, 2, 1, 10, frame, cells, weights};
};
template <class Saving>
using state_of = typename Saving::template state<small_number, 4, 48>;

}  // namespace

TEST_CASE_TEMPLATE("a save under way is given up for another update, as after a coordinator with another epoch", Saving,
                   counters, state) {
  nvm memory(Saving::template bytes<small_number, 4, 48>());
  memory.speed = 5;
  Saving saving{nvm_storage{&memory}};
  state_of<Saving> s = {};
  life_of l;
  CHECK(saving.restore(s, 1, l.life) == recovery::nothing);
  CHECK(!saving.ready(s, l.life));
  memory.tick();
  CHECK(!saving.ready(s, l.life));
  l.life.sequence = 30000;
  l.life.epoch = 9;
  int ticks = 0;
  for (; ticks < 100 && !saving.ready(s, l.life); ++ticks) memory.tick();
  CHECK(ticks > 1);
  CHECK(ticks < 100);
  state_of<Saving> then = {};
  life_of back;
  CHECK(saving.restore(then, 1, back.life) == Saving::most());
  CHECK(back.life.epoch == 9);
  CHECK(static_cast<uint16_t>(back.life.sequence - 30000) < 64);  // or reserved
}
