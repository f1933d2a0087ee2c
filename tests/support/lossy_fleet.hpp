// SPDX-License-Identifier: MIT
// A fleet on a bad network, and the books that are kept of it. One seed decides everything: what is trained, and what
// the network drops, doubles, delays and damages. Workers and coordinator are driven as the state machines they are;
// time is a counter.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>
#include <weir/host/durable_coordinator.hpp>
#include <weir/weir.hpp>

#include "memory_journal.hpp"
#include "nvm.hpp"

namespace test_support {

struct weather {
  unsigned drop;     // of 100 datagrams
  unsigned repeat;   // of 100
  unsigned damage;   // of 100
  unsigned slowest;  // delays are 1 to this many ticks: more than 1 reorders
  unsigned detours;  // of 100: these take 40 times as long
  unsigned resets;   // of 10,000 ticks of a worker
  unsigned leaves;   // of 10,000 ticks of a worker: it takes leave, for a while
  unsigned crashes;  // of 1,000 ticks: the coordinator's machine stops soon, and starts again
  unsigned losses;   // of 1,000 of these: all that it knew is lost
};

struct fleet_plan {
  unsigned workers;
  uint32_t deadline_ms;
  uint16_t steps;
  uint16_t gain;
  uint8_t shift;
  size_t speed;  // bytes that a worker's storage takes in a tick
};

/// What workers save to: nothing, or a memory of their own.
template <class Saving>
Saving saving_to(nvm& memory) {
  return Saving(nvm_storage(&memory));
}
template <>
inline weir::save_nothing saving_to<weir::save_nothing>(nvm&) {
  return weir::save_nothing();
}

/// Number, Model, Loss, a pipeline over `no_line`, Link, frame size and ring: one fleet of identical members.
struct no_line {
  static size_t mtu() noexcept { return 0x3fff; }
  static weir::status send(weir::const_bytes) noexcept { return weir::status::busy; }
  static size_t receive(weir::bytes) noexcept { return 0; }
};

template <class Config>
class lossy_fleet {
 public:
  typedef typename Config::number number;
  typedef typename Config::model model;
  typedef weir::worker<number, model, weir::softmax_cross_entropy, typename Config::pipe, 1, Config::frame_bytes> node;
  typedef weir::coordinator<number, model, typename Config::link, Config::max_ranks, Config::frame_bytes, Config::ring>
      hub;
  typedef typename node::weight weight;
  typedef std::vector<uint8_t> datagram;
  static constexpr uint32_t tick_ms = 10;
  static constexpr size_t n = model::parameters();

  lossy_fleet(uint32_t seed, const fleet_plan& plan)
      : random(seed),
        plan_(plan),
        now_ms(random.next()),
        workers(plan.workers),
        memories(plan.workers, nvm(node::saved_bytes())),
        books(plan.workers),
        applied(n),
        broadcast(n),
        journal(random) {
    start();
    for (unsigned w = 0; w < plan.workers; ++w) {
      memories[w].speed = plan.speed;
      boot(w);
    }
    remember_weights();
  }

  /// One tick of everything. False when a law was broken; `broken` says which.
  bool tick(const weather& sky) {
    now_ms += tick_ms;
    ++ticks;
    if (sky.crashes != 0 && random.below(1000) < sky.crashes) journal.set_calls(static_cast<int>(random.below(6)));
    try {
      deliver(sky);
    } catch (const power_cut&) {
      crash(sky);
    }
    for (unsigned w = 0; w < workers.size(); ++w) {
      memories[w].tick();
      const unsigned more = held_back(w) ? 6 : 1;  // saves are short, and the power is to fail in many of them
      if (sky.resets != 0 && random.below(10000) < sky.resets * more) reset(w);
      if (workers[w].member_state() == weir::membership::left) {
        if (sky.leaves == 0 || random.below(20) == 0) workers[w].come_back();
      } else if (sky.leaves != 0 && random.below(10000) < sky.leaves) {
        workers[w].leave();
        ++leaves;
      }
      if (training && random.below(4) != 0) train(w);
      send(w, sky);
      check_worker(w);
    }
    try {
      if (server->round_due(now_ms)) close(sky);
    } catch (const power_cut&) {
      crash(sky);
    }
    if (journal.all_safe()) unsafe.clear();
    check_center();
    return broken.empty();
  }

  /// Every worker is a member and holds the coordinator's weights, bit for bit.
  bool agreed() const {
    for (const node& w : workers) {
      if (w.member_state() != weir::membership::member || w.round_number() != center().round_number() ||
          w.epoch() != center().epoch())
        return false;
      if (std::memcmp(const_cast<node&>(w).weights().data(), center().weights().data(), n * sizeof(weight)) != 0)
        return false;
    }
    return true;
  }
  /// Nothing is on its way: the books must balance without a word about frames in flight.
  bool quiet() const {
    for (const node& w : workers)
      if (w.in_flight()) return false;
    return queue.empty();
  }

  weir::random_bits random;
  fleet_plan plan_;
  uint32_t now_ms;
  uint32_t ticks = 0;
  bool training = true;
  std::vector<node> workers;
  std::vector<nvm> memories;
  std::string broken;
  uint32_t rounds = 0;
  uint32_t resets = 0;
  uint32_t recovered = 0;  // of these, with counters or state
  uint32_t cuts = 0;       // of these, in the midst of a save
  uint32_t applied_frames = 0;
  uint32_t repeated_frames = 0;
  uint32_t snapshots = 0;
  uint32_t refused = 0;
  uint32_t leaves = 0;
  uint32_t crashes = 0;
  uint32_t losses = 0;
  uint32_t forgotten = 0;  // updates applied by a coordinator that did not remember it, for nobody had been told

  const hub& center() const { return server->center(); }

 private:
  struct frame_record {
    datagram bytes;
    std::vector<int64_t> values;
    uint16_t sequence;
    uint16_t epoch;
    unsigned life;
    bool offered;  // it could leave
    bool applied;
    std::vector<std::vector<int64_t>> moments;  // residuals from when it was made until it was offered
  };
  struct book {
    std::vector<int64_t> added, written_off, sent;  // residual units; sent: value units
    std::deque<frame_record> frames;                // the last few hundred that were made
    unsigned life = 0;
    uint16_t round_number = 0;
    uint16_t epoch = 0;
  };
  typedef weir::durable_coordinator<hub, memory_journal> durable;
  // An update that is applied, and would be forgotten if the machine stopped before its record is safe.
  struct risk {
    unsigned worker;
    uint16_t sequence;
    unsigned life;
    uint64_t end;  // of the record
  };
  struct travelling {
    uint32_t arrives;
    int to;  // -1: the coordinator
    datagram bytes;
  };
  struct adder {
    std::vector<int64_t>* to;
    void operator()(weir::index_t i, int32_t v) const { (*to)[i] += v; }
  };

  size_t below(size_t limit) { return random.below(static_cast<uint32_t>(limit)); }
  void fail(const std::string& what) {
    if (broken.empty()) broken = what + " at tick " + std::to_string(ticks);
  }

  void boot(unsigned w) {
    workers[w].begin(Config::make_pipe(saving_to<typename Config::saving>(memories[w])),
                     weir::rank_t{static_cast<uint16_t>(w)}, 7, static_cast<uint16_t>(random.next()));
    workers[w].set_resend_ms(40);
    book& b = books[w];
    b.added.resize(n);
    b.written_off.resize(n);
    b.sent.resize(n);
    b.round_number = workers[w].round_number();
  }

  std::vector<int64_t> residual(unsigned w) {
    const auto cells = workers[w].pending();
    std::vector<int64_t> r(n);
    for (size_t i = 0; i < n; ++i) r[i] = cells[i].raw;
    return r;
  }
  /// Is a frame made, but not saved?
  bool held_back(unsigned w) const {
    const book& b = books[w];
    return workers[w].in_flight() && !b.frames.empty() && !b.frames.back().offered;
  }

  void reset(unsigned w) {
    node& d = workers[w];
    book& b = books[w];
    const std::vector<int64_t> lost = residual(w);
    ++resets;
    if (held_back(w)) ++cuts;
    memories[w].lose_power(random);
    boot(w);
    if (d.recovered() != weir::recovery::nothing) ++recovered;
    bool left = false;
    for (const frame_record& f : b.frames) left = left || f.offered;
    const weir::recovery least = std::min(Config::saving::most(), weir::recovery::state);  // weights may come anew
    if (left && d.recovered() < least) fail("what had been saved did not come back");
    if (least == weir::recovery::state)
      resume(w);
    else {  // the residual is written off, and a frame in flight may never come
      for (size_t i = 0; i < n; ++i) b.written_off[i] += lost[i];
      ++b.life;
    }
  }

  // ---- the coordinator's machine

  void start() {
    const weir::fleet_terms terms = {static_cast<uint16_t>(plan_.workers), plan_.steps, plan_.deadline_ms, 0};
    server = std::make_unique<durable>(journal, 5);
    const bool any = !journal.empty();
    const auto link = Config::make_link(weir::mean(plan_.gain, plan_.shift));
    if (server->begin(link, terms, 7, now_ms, epoch) != any) fail("the coordinator did not go on where it was");
  }

  void crash(const weather& sky) {
    ++crashes;
    journal.stop();
    const bool lost = random.below(1000) < sky.losses;
    const bool written = journal.written() >= journal.end();
    for (const risk& r : unsafe) {
      if (r.end <= journal.written() || lost) continue;
      ++forgotten;
      take_back(r);
    }
    unsafe.clear();
    if (lost) {
      ++losses;
      ++epoch;
      journal.lose();
      applied.assign(n, 0);
      broadcast.assign(n, 0);
    } else if (written && arriving != nullptr) {  // it was applied when the power failed, and its record is whole
      apply(arriving_rank, weir::const_bytes(arriving->data(), arriving->size()));
    }
    arriving = nullptr;
    const uint16_t known = lost ? 0 : round_known;
    start();
    round_known = known;
    while (round_known != center().round_number()) {  // a round was closed, and nobody heard of it
      const weir::ask_body a = {round_known, false, 0};
      uint8_t ask[40];
      weir::byte_writer w(weir::wire::body_room(weir::frame_kind::ask, 0, weir::bytes(ask)));
      a.put(w);
      const weir::frame_header h = {
          weir::frame_kind::ask, weir::wire::tag(hub::fingerprint(), epoch, weir::frame_kind::ask), 0, 0, round_known};
      const size_t size = weir::wire::seal(h, w.size(), weir::bytes(ask));
      const auto o = server->handle(weir::const_bytes(ask, size));
      if (o.answer.empty()) return fail("a broadcast is not there after a restart");
      enter(o.answer);
    }
    if (lost) remember_weights();
    check_weights();
  }
  void take_back(const risk& r) {
    book& b = books[r.worker];
    for (frame_record& f : b.frames)
      if (f.sequence == r.sequence && f.life == r.life && f.applied) {
        f.applied = false;
        for (size_t i = 0; i < n; ++i) applied[i] -= f.values[i];
        return;
      }
    fail("an update that nobody knows is forgotten");
  }
  // The weights of a round that was known before are the same after a restart.
  void check_weights() {
    const auto there = history.find(key(epoch, center().round_number()));
    if (there == history.end() || std::memcmp(there->second.data(), center().weights().data(), n * sizeof(weight)) != 0)
      fail("the coordinator has other weights than before");
  }

  // The frame that left last is in flight again, and the residual is the one behind it: what came later is undone.
  void resume(unsigned w) {
    node& d = workers[w];
    book& b = books[w];
    const bool any = d.recovered() != weir::recovery::nothing;
    if (!b.frames.empty() &&
        (!any || d.sequence() != b.frames.back().sequence || d.epoch() != b.frames.back().epoch)) {  // its save was cut
      if (b.frames.back().offered) fail("a frame that had left is forgotten");
      for (size_t i = 0; i < n; ++i) b.sent[i] -= b.frames.back().values[i];
      b.frames.pop_back();
    }
    const std::vector<int64_t> now = residual(w);
    if (any && (b.frames.empty() || b.frames.back().bytes != copy(d.frame())))
      return fail("the frame that came back is not the one that was saved");
    if (any) b.frames.back().life = b.life;
    for (size_t i = 0; i < n; ++i) {
      int64_t was = 0;
      if (any && !at_a_moment(b.frames.back(), i, now[i], was)) fail("the residual that came back is another one");
      b.written_off[i] += was - now[i];
      b.added[i] = fine() * b.sent[i] + now[i] + b.written_off[i];
      if (!Config::narrow && was != now[i]) fail("something is written off");
    }
  }
  // Had the cell this value, but for low bits where they are left out, at some moment of the save?
  static bool at_a_moment(const frame_record& f, size_t i, int64_t now, int64_t& was) {
    for (const std::vector<int64_t>& m : f.moments) {
      was = m[i];
      if (now == was) return true;
      int64_t most = 0;
      for (const int64_t v : f.moments.front()) most = std::max(most, std::abs(v));
      const int64_t less = was < 0 ? now - was : was - now;  // towards zero
      if (Config::narrow && now * was >= 0 && less > 0 && (less <= most / 64 || std::abs(was) > most)) return true;
    }
    return false;
  }
  static constexpr int64_t fine() { return int64_t{1} << (node::residual::fraction() - node::weight::fraction()); }
  static datagram copy(weir::const_bytes b) { return datagram(b.begin(), b.end()); }

  void train(unsigned w) {
    node& d = workers[w];
    std::vector<int64_t> before(n);
    for (size_t i = 0; i < n; ++i) before[i] = d.pending()[i].raw;
    weight x[model::inputs()];
    for (weight& v : x) v = weight::from_raw(static_cast<int16_t>(static_cast<int32_t>(random.below(8192)) - 4096));
    d.train(x, static_cast<weir::index_t>(random.below(model::outputs())));
    const auto after = d.pending();
    for (size_t i = 0; i < n; ++i) books[w].added[i] += after[i].raw - before[i];
  }

  void send(unsigned w, const weather& sky) {
    node& d = workers[w];
    book& b = books[w];
    const weir::const_bytes out = d.outgoing(now_ms);
    if (d.in_flight() &&
        (b.frames.empty() || b.frames.back().life != b.life || b.frames.back().bytes != copy(d.frame())))
      record(w);
    if (held_back(w)) b.frames.back().moments.push_back(residual(w));
    if (out.empty()) return;
    weir::frame_header h;
    weir::const_bytes body;
    if (weir::wire::open(out, h, body) != weir::status::ok) return fail("a worker made a frame that does not open");
    if (h.kind == weir::frame_kind::update) offer(w, copy(out));
    if (random.below(8) == 0) return;  // the line is busy
    d.sent(now_ms);
    post(out, -1, sky);
  }

  void record(unsigned w) {
    book& b = books[w];
    if (!b.frames.empty() && b.frames.back().life == b.life && !b.frames.back().applied)
      fail("worker " + std::to_string(w) + " gave up a frame that was not applied");
    frame_record r = {copy(workers[w].frame()),
                      std::vector<int64_t>(n),
                      workers[w].sequence(),
                      workers[w].epoch(),
                      b.life,
                      false,
                      false,
                      {}};
    weir::frame_header h;
    weir::const_bytes body;
    if (weir::wire::open(workers[w].frame(), h, body) != weir::status::ok ||
        Config::pipe::encoder_type::template check<int32_t>(body, n) != weir::status::ok)
      fail("an update that makes no sense");
    Config::pipe::encoder_type::template decode<int32_t>(body, n, adder{&r.values});
    for (size_t i = 0; i < n; ++i) b.sent[i] += r.values[i];
    b.frames.push_back(r);
    if (b.frames.size() > 300) b.frames.pop_front();
  }

  // An update may leave now.
  void offer(unsigned w, const datagram& bytes) {
    book& b = books[w];
    frame_record& r = b.frames.back();
    if (bytes != r.bytes) fail("another update is offered than the one in flight");
    if (!r.offered)
      for (const frame_record& f : b.frames)
        if (&f != &r && f.offered && f.epoch == r.epoch && f.sequence == r.sequence) fail("a sequence is used twice");
    r.offered = true;
  }

  void post(weir::const_bytes bytes, int to, const weather& sky) {
    const unsigned copies = random.below(100) < sky.repeat ? 2 + random.below(2) : 1;
    for (unsigned c = 0; c < copies; ++c) {
      if (random.below(100) < sky.drop) continue;
      travelling t = {ticks + 1 + random.below(sky.slowest), to, datagram(bytes.begin(), bytes.end())};
      if (random.below(100) < sky.detours) t.arrives += random.below(40 * sky.slowest);
      if (random.below(100) < sky.damage) {
        if (random.below(4) == 0)
          t.bytes.resize(below(t.bytes.size()));
        else
          for (unsigned f = 1 + random.below(3); f > 0; --f)
            t.bytes[below(t.bytes.size())] ^= static_cast<uint8_t>(1u << random.below(8));
      }
      queue.push_back(t);
    }
  }

  void deliver(const weather& sky) {
    std::vector<travelling> due, later;
    for (travelling& t : queue) (t.arrives <= ticks ? due : later).push_back(std::move(t));
    queue.swap(later);
    for (const travelling& t : due) {
      const weir::const_bytes bytes(t.bytes.data(), t.bytes.size());
      if (t.to < 0)
        to_center(bytes, sky);
      else
        to_worker(static_cast<unsigned>(t.to), bytes);
    }
  }

  void to_worker(unsigned w, weir::const_bytes bytes) {
    node& d = workers[w];
    const std::vector<int64_t> had = residual(w);
    std::memcpy(&before_worker, static_cast<const void*>(&d), sizeof d);
    const weir::status s = d.handle(bytes, now_ms);
    if (d.epoch() != reinterpret_cast<const node*>(&before_worker)->epoch() || had != residual(w)) resign(w, had);
    if (s == weir::status::ok && d.member_state() == weir::membership::fetching &&
        before_worker_state() != weir::membership::fetching)
      ++snapshots;
    if (s == weir::status::ok || s == weir::status::ahead) return;
    ++refused;
    if (std::memcmp(&before_worker, static_cast<const void*>(&d), sizeof d) != 0)
      fail(std::string("a frame refused as ") + weir::to_string(s) + " changed worker " + std::to_string(w));
  }
  // It has heard of another coordinator, or of later sequences than it had saved: what it had is written off.
  void resign(unsigned w, const std::vector<int64_t>& had) {
    book& b = books[w];
    const std::vector<int64_t> has = residual(w);
    for (size_t i = 0; i < n; ++i) b.written_off[i] += had[i] - has[i];
    ++b.life;
    b.round_number = workers[w].round_number();
  }
  weir::membership before_worker_state() const { return reinterpret_cast<const node*>(&before_worker)->member_state(); }

  void to_center(weir::const_bytes bytes, const weather& sky) {
    const std::vector<int32_t> before = pending();
    const uint16_t counted = center().counted();
    weir::frame_header h;
    weir::const_bytes body;
    const bool open = weir::wire::open(bytes, h, body) == weir::status::ok;
    const datagram whole = copy(bytes);
    const unsigned appends = journal.appends();
    if (open && h.kind == weir::frame_kind::update) arriving = &whole, arriving_rank = h.rank;
    typename durable::outcome o;
    try {
      o = server->handle(bytes);
    } catch (const power_cut&) {
      if (journal.appends() == appends) arriving = nullptr;  // it was known already
      crash(sky);
      return;
    }
    arriving = nullptr;
    if (!open && (o.result == weir::status::ok || !o.answer.empty())) fail("a damaged frame had an effect");
    if (open && h.kind == weir::frame_kind::update && o.result == weir::status::ok)
      at_risk(h.rank, apply(h.rank, bytes));
    else if (before != pending() || counted != center().counted())
      fail("what was not applied changed the coordinator");
    if (o.result == weir::status::repeated) ++repeated_frames;
    if (!o.answer.empty()) post(o.answer, o.rank, sky);
  }

  const frame_record* apply(unsigned w, weir::const_bytes frame) {
    const datagram bytes(frame.begin(), frame.end());
    bool known = false;
    for (auto at = books[w].frames.rbegin(); at != books[w].frames.rend(); ++at) {
      frame_record& r = *at;
      if (r.bytes != bytes) continue;
      known = true;
      if (r.applied) continue;  // the same bytes may come from two lives: two empty updates, say
      r.applied = true;
      ++applied_frames;
      for (size_t i = 0; i < n; ++i) applied[i] += r.values[i];
      return &r;
    }
    fail(known ? "an update was applied twice" : "an update was applied that nobody made");
    return nullptr;
  }

  void at_risk(unsigned w, const frame_record* applied_now) {
    if (applied_now != nullptr && !journal.all_safe())
      unsafe.push_back({w, applied_now->sequence, applied_now->life, journal.end()});
  }

  void close(const weather& sky) {
    const weir::const_bytes out = server->close_round(now_ms);
    enter(out);
    for (unsigned w = 0; w < workers.size(); ++w) post(out, static_cast<int>(w), sky);
  }
  void enter(weir::const_bytes out) {
    ++rounds;
    ++round_known;
    weir::frame_header h;
    weir::const_bytes body;
    if (weir::wire::open(out, h, body) != weir::status::ok) return fail("a broadcast that does not open");
    if (h.kind == weir::frame_kind::broadcast_some) {
      weir::byte_reader r(body);
      bool counted;
      if (weir::wire::get_acks(r, center().ranks(), 0, counted) != weir::status::ok)
        fail("acknowledgements without sense");
      body = r.rest();
    }
    if (Config::pipe::down_type::template check<int32_t>(body, n) != weir::status::ok)
      fail("a broadcast that makes no sense");
    Config::pipe::down_type::template decode<int32_t>(body, n, adder{&broadcast});
    remember_weights();
  }

  static uint32_t key(uint16_t epoch, uint16_t round) { return (static_cast<uint32_t>(epoch) << 16) | round; }
  void remember_weights() {
    const uint8_t* raw = reinterpret_cast<const uint8_t*>(center().weights().data());
    history[key(epoch, center().round_number())] = std::vector<uint8_t>(raw, raw + n * sizeof(weight));
    history.erase(key(epoch, static_cast<uint16_t>(center().round_number() + 0x8000)));
  }
  std::vector<int32_t> pending() const {
    std::vector<int32_t> p(n);
    for (size_t i = 0; i < n; ++i) p[i] = center().pending()[i].raw;
    return p;
  }

  void check_worker(unsigned w) {
    node& d = workers[w];
    book& b = books[w];
    const auto cells = d.pending();
    for (size_t i = 0; i < n; ++i)
      if (b.added[i] != fine() * b.sent[i] + cells[i].raw + b.written_off[i]) fail("the ledger of the way up is open");
    if (!b.frames.empty()) {
      const frame_record& last = b.frames.back();
      if (last.life == b.life && !last.applied && !d.in_flight())
        fail("worker " + std::to_string(w) + " was told that a frame was applied that was not");
    }
    if (d.member_state() != weir::membership::joining && weir::later(b.round_number, d.round_number()))
      fail("the weights of worker " + std::to_string(w) + " went back");
    b.round_number = d.round_number();
    if (d.member_state() == weir::membership::member) {
      const auto there = history.find(key(d.epoch(), d.round_number()));
      if (there == history.end() || std::memcmp(there->second.data(), d.weights().data(), n * sizeof(weight)) != 0)
        fail("member " + std::to_string(w) + " has other weights than the fleet");
    }
  }

  void check_center() {
    for (size_t i = 0; i < n; ++i)
      if (plan_.gain * applied[i] !=
          static_cast<int64_t>(center().divisor()) * broadcast[i] + center().pending()[i].raw)
        fail("the ledger of the way down is open");
    if (center().saturated() != 0) fail("the coordinator's residual saturated");
  }

  std::vector<book> books;
  std::vector<int64_t> applied, broadcast;
  memory_journal journal;
  std::unique_ptr<durable> server;
  uint16_t epoch = 0;
  uint16_t round_known = 0;
  std::vector<risk> unsafe;
  const datagram* arriving = nullptr;
  unsigned arriving_rank = 0;
  std::vector<travelling> queue;
  std::map<uint32_t, std::vector<uint8_t>> history;
  alignas(node) unsigned char before_worker[sizeof(node)];
};

}  // namespace test_support
