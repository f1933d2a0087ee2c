// SPDX-License-Identifier: MIT
// A fleet in virtual time (C++17). Not part of the umbrella.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include <weir/fleet.hpp>
#include <weir/sim/fleet_plan.hpp>
#include <weir/sim/fleet_world.hpp>
#include <weir/sim/happening.hpp>
#include <weir/wire/frame.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace sim {

/// Up to 16,384 workers and their coordinator over links that take their time and fail, on devices that fail. Workers and
/// coordinator are the ones that run anywhere else; only what is around them is made up, and one seed decides all of it:
/// the same seed gives the same bytes at the same times, with the same build.
///
/// Worker is a weir::worker, or whatever else has begin, handle, outgoing, sent and the like; its transport is not used.
/// A device does what firmware does: train(), then poll(), again and again; it trains while it is a member. The coordinator
/// does not fail. One thread.
///
///   weir::sim::fleet<node, hub> f(plan, begin_hub, begin_node, train);
///   f.run(100);
///   f.device(3).bytes_up;
///
/// Time for each device and round: a microsecond or two beside what workers and coordinator take. Memory: bytes_needed().
template <class Worker, class Coordinator>
class fleet : private detail::fleet_world {
 public:
  /// Calls begin() with these terms.
  using begin_coordinator = std::function<void(Coordinator&, const fleet_terms&)>;
  /// Calls begin() with this rank, the fleet's seed, and `boot`. `memory` is what outlasts resets, for weir::memory_storage;
  /// it is empty if the kind saves nothing.
  using begin_worker = std::function<void(Worker&, rank_t, std::uint16_t boot, bytes memory)>;
  /// Calls train() with the next batch of that rank; or puts something into the worker that took less time.
  using train_step = std::function<void(Worker&, std::uint16_t rank)>;
  using detail::fleet_world::observer;

  /// Throws std::invalid_argument if the plan is not possible.
  fleet(const fleet_plan& plan, const begin_coordinator& begin, begin_worker boot, train_step train,
        observer tell = nullptr)
      : fleet_world(plan, std::move(tell)),
        boot_(std::move(boot)),
        train_(std::move(train)),
        center_(new Coordinator()),
        workers_(plan_.devices()) {
    begin(*center_, plan_.terms());
    install_devices();
    if (plan_.waits_for == 0) plan_event(0, what::start, 0);
  }

  /// Goes on until so many rounds have been closed in all, or until that virtual time; returns whether they have. (Devices that
  /// are silent for good can keep a round open for ever, where it has no deadline.)
  bool run(std::uint32_t rounds, double until_seconds = never()) {
    while (closed_ < rounds)
      if (!step(until_seconds)) return false;
    return true;
  }
  /// Takes what happens next, if that is before `until_seconds`; returns whether there was something.
  bool step(double until_seconds = never()) {
    if (events_.empty() || events_.next_at() > until_seconds) return false;
    take(events_.next());
    return true;
  }
  /// Lets a device fail now, if it is on.
  void reset(std::uint16_t rank) { fail(rank, false); }

  /// Virtual seconds.
  double now() const { return events_.now(); }
  /// Rounds that have been closed, of which the protocol knows 16 bits.
  std::uint32_t rounds_closed() const { return closed_; }
  /// The last of them; there must be one.
  const round_record& last_round() const { return last_round_; }
  std::size_t members() const { return members_; }
  std::size_t devices() const { return devices_.size(); }
  const device_counters& device(std::size_t rank) const { return devices_[rank].counters; }
  const device_kind& kind(std::size_t rank) const { return *devices_[rank].kind; }
  /// Is it switched on?
  bool is_on(std::size_t rank) const { return devices_[rank].on; }
  /// Is it a member that is on and has the coordinator's round, and so its weights?
  bool up_to_date(std::size_t rank) const {
    return devices_[rank].on && workers_[rank].member_state() == membership::member &&
           workers_[rank].round_number() == center_->round_number();
  }
  Worker& worker(std::size_t rank) { return workers_[rank]; }
  const Worker& worker(std::size_t rank) const { return workers_[rank]; }
  Coordinator& center() { return *center_; }
  const Coordinator& center() const { return *center_; }
  /// Sums of all devices; the seconds are the most of any.
  device_counters totals() const {
    device_counters t;
    for (const device_state& d : devices_) t.add(d.counters);
    return t;
  }
  std::uint64_t events_taken() const { return taken_; }

  /// Bytes that a run will need, to be asked before it: of each device its worker, what it saves, 400 to 500 bytes of books, and
  /// its share of what is on its way, which is `datagram` bytes up at a time (a broadcast is one for all).
  static std::uint64_t bytes_needed(std::size_t devices, std::size_t datagram = 64, bool saves = true) {
    const std::uint64_t each = sizeof(Worker) + (saves ? Worker::saved_bytes() : 0) + bytes_per_device(datagram);
    return sizeof(Coordinator) + sizeof(fleet) + devices * each;
  }

 private:
  void install_devices() {
    std::size_t memory = 0;
    for (const device_group& g : plan_.groups)
      for (std::uint16_t i = 0; i < g.devices; ++i) {
        devices_.emplace_back(g.kind, plan_.seed, devices_.size(), memory);
        if (g.kind.saves) memory += Worker::saved_bytes();
      }
    memory_.resize(memory);
    for (device_state& d : devices_) {
      const device_kind& k = *d.kind;
      plan_event(some_time(d, k.on_from, k.on_until), what::boot, rank_of(d));
      if (k.off_from < never()) plan_event(some_time(d, k.off_from, k.off_until), what::leave, rank_of(d));
    }
  }

  static double some_time(device_state& d, double from, double until) {
    return until > from ? d.dice.between(from, until) : from;
  }

  void take(const event e) {
    ++taken_;
    device_state& d = devices_[e.rank];
    switch (e.kind) {
      case what::boot: return boot(e.rank);
      case what::stepped: return current(e) ? stepped(e.rank) : void();
      case what::up: return plan_.trunk && !is_cut(e.of) ? enter_trunk(d, e.of) : arrived_up(e.rank, e.of);
      case what::trunk_up: return arrived_up(e.rank, e.of);
      case what::trunk_down: return leave_trunk(d, center_->round_number(), e.of);
      case what::down: return arrived_down(e.rank, e.of);
      case what::timer: return is_awake(d) ? go_on(e.rank) : void();
      case what::deadline: return deadline(e.of);
      case what::reset: return current(e) ? fail(e.rank, false) : void();
      case what::leave: return fail(e.rank, true);
      case what::start: return start();
    }
  }

  // ---- devices ------------------------------------------------------------------------------------------------------
  void boot(std::uint16_t rank) {
    device_state& d = devices_[rank];
    const device_kind& k = *d.kind;
    if (d.on || d.gone) return;
    Worker& w = workers_[rank];
    d.on = true;
    d.clock =
        drifting_clock(static_cast<std::uint32_t>(d.dice.next()), 1 + 1e-6 * d.dice.between(-k.clock_ppm, k.clock_ppm));
    const auto number = static_cast<std::uint16_t>(d.dice.next());
    boot_(w, rank_t(rank), number, k.saves ? bytes(memory_.data() + d.memory, Worker::saved_bytes()) : bytes());
    if (k.resend_ms != 0) w.set_resend_ms(k.resend_ms);
    d.steps = 0;
    d.look_at = never();
    d.blocked = false;
    if (k.life_seconds > 0) plan_event(now() + d.dice.waiting(k.life_seconds), what::reset, rank);
    say({event_kind::booted, now(), rank, w.round_number()});
    note_membership(rank);
    go_on(rank);
  }

  // It goes down; `for_good`, or until it has booted again.
  void fail(std::uint16_t rank, bool for_good) {
    device_state& d = devices_[rank];
    if (!d.on && !for_good) return;
    if (d.on) cut(d);
    while (d.kept != none) sent_.release(take_kept(d));
    if (d.member) --members_;
    d.gone = for_good;
    d.on = d.training = d.member = false;
    ++d.life;
    say({for_good ? event_kind::left : event_kind::reset, now(), rank});
    if (for_good) return;
    ++d.counters.resets;
    plan_event(now() + d.kind->boot_seconds, what::boot, rank);
  }

  void note_membership(std::uint16_t rank) {
    device_state& d = devices_[rank];
    const bool member = workers_[rank].member_state() == membership::member;
    if (member == d.member) return;
    d.member = member;
    if (!member) {
      --members_;
      return;
    }
    ++members_;
    say({event_kind::joined, now(), rank, workers_[rank].round_number()});
    if (!started_ && plan_.waits_for != 0 && members_ >= plan_.waits_for) start();
  }

  void stepped(std::uint16_t rank) {
    device_state& d = devices_[rank];
    d.training = false;
    train_(workers_[rank], rank);
    ++d.counters.steps;
    say({event_kind::stepped, now(), rank, workers_[rank].round_number(), d.step_from, now()});
    while (d.kept != none) receive(rank, take_kept(d));
    go_on(rank);
  }

  // What it can do now: a step, and a datagram.
  void go_on(std::uint16_t rank) {
    device_state& d = devices_[rank];
    if (!d.on) return;
    if (d.kind->concurrent)
      begin_step(d);
    else if (d.training)
      return;
    talk(rank);
    begin_step(d);
  }
  void begin_step(device_state& d) {
    const device_kind& k = *d.kind;
    if (d.training || !d.member || (k.most_steps != 0 && d.steps >= k.most_steps)) return;
    d.training = true;
    if (k.most_steps != 0) ++d.steps;
    d.step_from = now();
    const double spread = k.step_spread > 0 ? d.dice.between(-k.step_spread, k.step_spread) : 0;
    plan_event(now() + k.step_seconds * (1 + spread), what::stepped, rank_of(d));
  }

  void talk(std::uint16_t rank) {
    device_state& d = devices_[rank];
    d.blocked = d.up.free_at() > now();
    if (d.blocked) return wake_at(d, d.up.free_at());
    Worker& w = workers_[rank];
    const const_bytes out = w.outgoing(now_ms(d));
    if (out.empty()) return look_for_time_out(d, w);
    const passage p = send_up(d, out);
    say({event_kind::sent_up, now(), rank, w.round_number(), p.began, p.left, p.copies != 0, status::ok, out});
    w.sent(d.kind->patient ? 0 : d.clock.ms(p.left));
    look_for_time_out(d, w);
  }
  void look_for_time_out(device_state& d, const Worker& w) {
    d.look_at = never();
    const std::uint32_t ms = d.kind->patient ? Worker::never() : w.wait_ms(now_ms(d));
    if (ms != Worker::never()) look_in(d, ms);
  }

  void arrived_down(std::uint16_t rank, datagrams::id datagram) {
    device_state& d = devices_[rank];
    if (!d.on) return sent_.release(datagram);
    if (d.training && !d.kind->concurrent) return keep(d, datagram);
    receive(rank, datagram);
    go_on(rank);
  }
  void receive(std::uint16_t rank, datagrams::id datagram) {
    device_state& d = devices_[rank];
    Worker& w = workers_[rank];
    const std::uint16_t before = w.round_number();
    const status s = w.handle(sent_[datagram], now_ms(d));
    if (s != status::ok && s != status::ahead && s != status::stale) ++d.counters.refused_down;
    if (w.round_number() != before) d.steps = 0;
    if (tell_) say({event_kind::arrived_down, now(), rank, w.round_number(), 0, 0, true, s, sent_[datagram]});
    sent_.release(datagram);
    note_membership(rank);
  }

  // ---- the coordinator ----------------------------------------------------------------------------------------------
  // From when time runs for the first round, so that it does not close for what joining took.
  std::uint32_t center_ms() const { return started_ ? drifting_clock().ms(now() - started_at_) : 0; }

  void start() {
    started_ = true;
    started_at_ = opened_ = now();
    say({event_kind::round_started, now()});
    if (plan_.deadline_ms != 0) plan_event(now() + plan_.deadline_ms / 1000.0, what::deadline, 0, closed_);
    close_if_due();
  }
  void deadline(std::uint32_t round) {
    if (round != closed_) return;
    close_if_due();
    if (round == closed_) plan_event(now() + 0.001, what::deadline, 0, round);  // its clock is not there yet
  }

  void arrived_up(std::uint16_t rank, datagrams::id datagram) {
    device_state& d = devices_[rank];
    if (is_cut(datagram)) return sent_.release(datagram);
    d.known = true;
    const auto o = center_->handle(sent_[datagram]);
    if (tell_)
      say({event_kind::arrived_up, now(), rank, center_->round_number(), 0, 0, true, o.result, sent_[datagram]});
    if (!o.answer.empty() && o.rank < devices_.size()) send_down(devices_[o.rank], center_->round_number(), o.answer);
    if (o.result != status::ok && o.result != status::repeated) ++d.counters.refused_up;
    if (o.result == status::ok) note_update(sent_[datagram]);
    sent_.release(datagram);
    close_if_due();
  }

  // Of a frame that the coordinator took: kind, fingerprint (2 bytes), rank (LEB128), sequence (2), round (1).
  void note_update(const_bytes frame) {
    if (static_cast<frame_kind>(frame[0] & 0x0f) != frame_kind::update) return;
    const bool wide = frame[3] >= 0x80;
    const auto rank = static_cast<std::uint16_t>(wide ? (frame[3] & 0x7f) | frame[4] << 7 : frame[3]);
    const std::uint8_t behind = static_cast<std::uint8_t>(center_->round_number() - frame[wide ? 7 : 6]);
    device_counters& c = devices_[rank].counters;
    ++c.updates;
    if (behind == 0)
      ++c.in_time;
    else
      ++late_;
    say({event_kind::counted, now(), rank, static_cast<std::uint16_t>(center_->round_number() - behind)});
  }

  void close_if_due() {
    if (!started_ || !center_->round_due(center_ms())) return;
    const std::uint16_t counted = center_->counted();
    const const_bytes broadcast = center_->close_round(center_ms());
    last_round_ = {opened_, now(), static_cast<std::uint32_t>(broadcast.size()), counted, late_};
    opened_ = now();
    late_ = 0;
    ++closed_;
    send_to_all(center_->round_number(), broadcast);
    for (device_state& d : devices_)
      if (d.on && d.dice.happens(d.kind->resets_per_round))
        plan_event(now() + d.dice.between(0, now() - last_round_.opened), what::reset, rank_of(d));
    if (plan_.deadline_ms != 0) plan_event(now() + plan_.deadline_ms / 1000.0, what::deadline, 0, closed_);
    say({event_kind::round_closed, now(), 0, center_->round_number(), last_round_.opened, now(), true, status::ok,
         broadcast});
  }

  const begin_worker boot_;
  const train_step train_;
  std::unique_ptr<Coordinator> center_;
  std::vector<Worker> workers_;
  std::vector<std::uint8_t> memory_;  // what outlasts resets
  std::size_t members_ = 0;
  bool started_ = false;
  double started_at_ = 0, opened_ = 0;
  std::uint32_t closed_ = 0;
  std::uint16_t late_ = 0;
  round_record last_round_ = {};
  std::uint64_t taken_ = 0;
};

}  // namespace sim
}  // namespace WEIR_ABI
}  // namespace weir
