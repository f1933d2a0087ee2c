// SPDX-License-Identifier: MIT
// What is around the workers and the coordinator of a simulated fleet (C++17). Not part of the umbrella.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include <weir/sim/datagrams.hpp>
#include <weir/sim/device.hpp>
#include <weir/sim/event_queue.hpp>
#include <weir/sim/fleet_plan.hpp>
#include <weir/sim/happening.hpp>
#include <weir/wire/frame.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace sim {
namespace detail {

/// Events, lines, clocks and counters; of workers and coordinator it knows nothing. sim::fleet is this with those.
class fleet_world {
 public:
  /// It must leave the fleet as it is.
  using observer = std::function<void(const happening&)>;

 protected:
  static constexpr std::uint32_t none = 0xffffffff;

  enum class what : std::uint8_t {
    boot,
    stepped,
    up,          // at the end of the device's own line
    trunk_up,    // at the coordinator
    trunk_down,  // at the beginning of the device's own line
    down,
    timer,
    deadline,
    reset,
    leave,
    start
  };
  struct event {
    what kind;
    std::uint8_t life;  // of the device, when it was planned
    std::uint16_t rank;
    std::uint32_t of;  // a datagram, or a round
  };

  struct device_state {
    device_state(const device_kind& k, std::uint64_t seed, std::size_t rank, std::size_t memory_)
        : kind(&k),
          up(k.link.up, chances(seed, rank, 1)),
          down(k.link.down, chances(seed, rank, 2)),
          dice(seed, rank, 3),
          memory(memory_) {}

    const device_kind* kind;
    channel up, down;
    chances dice;
    drifting_clock clock;
    std::size_t memory;        // where its own begins
    double timer = never();    // the event that is planned
    double look_at = never();  // when a time-out of its worker is over
    double step_from = 0;
    double leaves_until = 0;  // what it sent last, so that a reset may cut it
    datagrams::id leaving = none;
    std::uint32_t kept = none;  // what came in the midst of a step
    std::uint16_t steps = 0;    // since the last broadcast
    std::uint8_t life = 0;
    bool on = false, gone = false, training = false, member = false;
    bool blocked = false;  // something may wait for the line
    bool known = false;    // the coordinator has heard of it
    device_counters counters;
  };

  fleet_world(const fleet_plan& plan, observer tell)
      : plan_(checked(plan)),
        tell_(std::move(tell)),
        trunk_up_(plan_.trunk ? plan_.trunk->up : no_way(), chances(plan_.seed, wire::max_ranks(), 1)),
        trunk_down_(plan_.trunk ? plan_.trunk->down : no_way(), chances(plan_.seed, wire::max_ranks(), 2)),
        trunk_dice_(plan_.seed, wire::max_ranks(), 3) {
    const std::size_t n = plan_.devices();
    devices_.reserve(n);
    events_.reserve(events_per_device() * n);
    sent_.reserve(n);
  }
  fleet_world(const fleet_world&) = delete;
  fleet_world& operator=(const fleet_world&) = delete;

  // An arrival each way, a time-out, a step, and one that is planned.
  static constexpr std::size_t events_per_device() { return 5; }
  /// Besides its worker and what that saves.
  static constexpr std::size_t bytes_per_device(std::size_t datagram) {
    constexpr std::size_t allocator = 16;  // that it keeps for itself with each datagram
    return sizeof(device_state) + events_per_device() * event_queue<event>::event_bytes() + datagrams::slot_bytes() +
           datagram + allocator;
  }

  std::uint16_t rank_of(const device_state& d) const { return static_cast<std::uint16_t>(&d - devices_.data()); }
  double now() const { return events_.now(); }
  std::uint32_t now_ms(const device_state& d) const { return d.kind->patient ? 0 : d.clock.ms(now()); }

  void plan_event(double at, what kind, std::uint16_t rank, std::uint32_t of = none) {
    events_.at(at, event{kind, devices_[rank].life, rank, of});
  }
  /// Is it of the life that the device is in?
  bool current(const event& e) const { return e.life == devices_[e.rank].life; }
  void say(const happening& h) const {
    if (tell_) tell_(h);
  }

  // ---- time-outs ----------------------------------------------------------------------------------------------------
  // `ms` from now, by its clock.
  void look_in(device_state& d, std::uint32_t ms) {
    d.look_at = now() + d.clock.seconds(ms);
    wake_at(d, d.look_at);
  }
  // One event at a time: when it comes and is not wanted yet, it is planned anew.
  void wake_at(device_state& d, double at) {
    if (!(at < d.timer)) return;
    d.timer = at;
    plan_event(at, what::timer, rank_of(d));
  }
  /// Has the time come to ask the worker?
  bool is_awake(device_state& d) {
    if (d.timer != now()) return false;  // another one was planned, that came first
    d.timer = never();
    if (!d.on) return false;
    if (d.blocked || now() >= d.look_at) return true;
    wake_at(d, d.look_at);
    return false;
  }

  // ---- what came in the midst of a step -----------------------------------------------------------------------------
  void keep(device_state& d, datagrams::id datagram) {
    std::uint32_t l = static_cast<std::uint32_t>(kept_.size());
    if (free_kept_.empty()) {
      kept_.push_back({datagram, none});
    } else {
      l = free_kept_.back();
      free_kept_.pop_back();
      kept_[l] = {datagram, none};
    }
    std::uint32_t* last = &d.kept;
    while (*last != none) last = &kept_[*last].next;
    *last = l;
  }
  /// The first of them; there must be one.
  datagrams::id take_kept(device_state& d) {
    const std::uint32_t l = d.kept;
    d.kept = kept_[l].next;
    free_kept_.push_back(l);
    return kept_[l].datagram;
  }

  // ---- datagrams on their way ---------------------------------------------------------------------------------------
  /// From a device; returns what becomes of it.
  passage send_up(device_state& d, const_bytes datagram) {
    const passage p = d.up.send(now(), datagram.size());
    d.counters.bytes_up += datagram.size();
    ++d.counters.frames_up;
    d.leaves_until = p.copies == 0 ? 0 : p.left;
    if (p.copies == 0)
      ++d.counters.lost_up;
    else
      d.leaving = post(p, datagram, rank_of(d), what::up, d.dice, d.counters.damaged_up);
    return p;
  }
  /// What the device is sending does not arrive.
  void cut(device_state& d) {
    if (!(d.leaves_until > now())) return;
    sent_.own(d.leaving).clear();
    d.leaves_until = 0;
    ++d.counters.lost_up;
  }
  bool is_cut(datagrams::id datagram) const { return sent_[datagram].empty(); }
  /// It has left the device's line.
  void enter_trunk(device_state& d, datagrams::id datagram) {
    const passage p = trunk_up_.send(now(), sent_[datagram].size());
    if (p.copies == 0)
      ++d.counters.lost_up;
    else
      post(p, sent_[datagram], rank_of(d), what::trunk_up, trunk_dice_, d.counters.damaged_up, datagram);
    sent_.release(datagram);
  }

  /// To a device, by the trunk if there is one. `shared`: it is among what is on its way already.
  void send_down(device_state& d, std::uint16_t round, const_bytes datagram, datagrams::id shared = none) {
    if (!plan_.trunk) return over_last_link(d, round, datagram, shared);
    const passage p = trunk_down_.send(now(), datagram.size());
    if (p.copies == 0)
      ++d.counters.lost_down;
    else
      post(p, datagram, rank_of(d), what::trunk_down, trunk_dice_, d.counters.damaged_down, shared);
  }
  /// To all that are known.
  void send_to_all(std::uint16_t round, const_bytes broadcast) {
    const datagrams::id shared = sent_.put(broadcast);
    if (plan_.trunk && plan_.multicast)
      send_once(shared);
    else
      for (device_state& d : devices_)
        if (d.known) send_down(d, round, broadcast, shared);
    sent_.release(shared);
  }
  void leave_trunk(device_state& d, std::uint16_t round, datagrams::id datagram) {
    over_last_link(d, round, sent_[datagram], datagram);
    sent_.release(datagram);
  }

  const fleet_plan plan_;
  const observer tell_;
  std::vector<device_state> devices_;
  event_queue<event> events_;
  datagrams sent_;

 private:
  struct kept {
    datagrams::id datagram;
    std::uint32_t next;
  };

  static const fleet_plan& checked(const fleet_plan& p) {
    p.check();
    return p;
  }
  static const way& no_way() {
    static const way none_at_all = {1, 0, 1, 1, 0};
    return none_at_all;
  }

  // Over the trunk once: what becomes of it there is the same for all.
  void send_once(datagrams::id shared) {
    passage p = trunk_down_.send(now(), sent_[shared].size());
    const bool damaged = p.copies != 0 && p.what != fate::whole;
    const datagrams::id i = damaged ? damaged_copy(p.what, sent_[shared], 1, trunk_dice_) : shared;
    p.what = fate::whole;
    std::uint32_t no_more = 0;
    for (device_state& d : devices_) {
      if (!d.known) continue;
      if (p.copies == 0) ++d.counters.lost_down;
      if (p.copies != 0) post(p, sent_[i], rank_of(d), what::trunk_down, trunk_dice_, no_more, i);
      if (damaged) ++d.counters.damaged_down;
    }
    if (damaged) sent_.release(i);
  }
  void over_last_link(device_state& d, std::uint16_t round, const_bytes datagram, datagrams::id shared) {
    const passage p = d.down.send(now(), datagram.size());
    d.counters.bytes_down += datagram.size();
    ++d.counters.frames_down;
    d.counters.most_behind = std::max(d.counters.most_behind, d.down.free_at() - now());
    if (p.copies == 0)
      ++d.counters.lost_down;
    else
      post(p, datagram, rank_of(d), what::down, d.dice, d.counters.damaged_down, shared);
    if (tell_)
      say({event_kind::sent_down, now(), rank_of(d), round, p.began, p.left, p.copies != 0, status::ok, datagram});
  }

  // Plans the arrivals of one that will; of a damaged one those of a copy.
  datagrams::id post(const passage& p, const_bytes datagram, std::uint16_t rank, what kind, chances& dice,
                     std::uint32_t& damaged, datagrams::id shared = none) {
    datagrams::id i = shared;
    if (p.what != fate::whole) {
      ++damaged;
      i = damaged_copy(p.what, datagram, p.copies, dice);
    } else if (shared == none) {
      i = sent_.put(datagram, p.copies);
    } else {
      for (std::uint8_t c = 0; c < p.copies; ++c) sent_.hold(i);
    }
    for (std::uint8_t c = 0; c < p.copies; ++c) plan_event(p.arrives[c], kind, rank, i);
    return i;
  }
  datagrams::id damaged_copy(fate how, const_bytes datagram, std::uint32_t holders, chances& dice) {
    const datagrams::id i = sent_.put(datagram, holders);
    if (how == fate::flipped)
      flip_bits(sent_.own(i), dice);
    else
      truncate(sent_.own(i), dice);
    return i;
  }

  channel trunk_up_, trunk_down_;
  chances trunk_dice_;
  std::vector<kept> kept_;
  std::vector<std::uint32_t> free_kept_;
};

}  // namespace detail
}  // namespace sim
}  // namespace WEIR_ABI
}  // namespace weir
