// SPDX-License-Identifier: MIT
// One training in virtual time: a simulated fleet whose devices have the data's rows.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include <weir/sim/chrome_trace.hpp>
#include <weir/sim/fleet.hpp>
#include <weir/weir.hpp>

#include "fleet/score.hpp"
#include "setup.hpp"

namespace simulate {

/// Encoder of both ways; Threshold of both ways, made of a `gate_choice`; the largest frame.
template <class Model, class Encoder, class Threshold, std::size_t FrameBytes>
class simulation {
  static constexpr std::size_t frame_bytes = FrameBytes;

  /// Frames are carried by the simulation.
  struct by_hand {
    static std::size_t mtu() noexcept { return frame_bytes; }
    static weir::status send(weir::const_bytes) noexcept { return weir::status::busy; }
    static std::size_t receive(weir::bytes) noexcept { return 0; }
  };
  using optimizer = weir::basic_momentum<weir::cosine_rate>;
  using saving = weir::save_state<weir::memory_storage>;
  using pipe = weir::pipeline<optimizer, Threshold, Encoder, by_hand, weir::local_steps, Encoder, saving>;
  using worker = weir::worker<float, Model, weir::softmax_cross_entropy, pipe, batch, frame_bytes>;
  using link = weir::downlink<Encoder, weir::mean, Threshold>;
  using coordinator = weir::coordinator<float, Model, link, most_devices, frame_bytes>;
  using simulated = weir::sim::fleet<worker, coordinator>;

 public:
  simulation(const setup& s, const support::dataset& data, const progress& tell)
      : setup_(s),
        data_(data),
        tell_(tell),
        each_(fleet::steps_per_epoch(data.train.size(), s.devices.size(), batch)),
        rounds_(s.most_rounds != 0 ? s.most_rounds : each_ * s.epochs / s.local_steps),
        activations_(Model::elements()) {
    const std::uint16_t ranks = static_cast<std::uint16_t>(s.devices.size());
    std::vector<fleet::row_list> shares = fleet::deal(data.train, ranks, s.split, s.seed);
    for (std::uint16_t rank = 0; rank < ranks; ++rank)
      feeders_.emplace_back(data, std::move(shares[rank]), each_,
                            weir::mix(weir::mix(s.seed, rank), weir::name_id("feed")));
    if (s.trace != nullptr) trace_ = std::make_unique<weir::sim::chrome_trace>(*s.trace, trace_events);
    result_.devices.resize(ranks);
    fleet_ = std::make_unique<simulated>(
        plan_of(s),
        [&s](coordinator& c, const weir::fleet_terms& terms) {
          const weir::mean aggregation(static_cast<std::uint16_t>(std::lround(s.server_step * 16)), 4);
          c.begin(link{aggregation, Threshold(s.down), Encoder()}, terms, s.seed);
        },
        [this](worker& w, weir::rank_t rank, std::uint16_t boot, weir::bytes memory) {
          w.begin(pipe_of(setup_.devices[rank.value], memory), rank, setup_.seed, boot);
        },
        [this](worker& w, std::uint16_t rank) {
          feeders_[rank].next();
          w.train(feeders_[rank].x(), feeders_[rank].targets());
        },
        [this](const weir::sim::happening& h) { happened(h); });
  }

  static std::uint64_t bytes_needed(const setup& s) {
    const std::uint64_t rows = 4 * Model::inputs() * batch;
    const std::size_t frame = s.dense ? frame_bytes : frame_bytes / 100;
    return simulated::bytes_needed(s.devices.size(), frame, saves(s)) + s.devices.size() * rows;
  }

  outcome run() {
    result_.finished = fleet_->run(rounds_, setup_.most_seconds > 0 ? setup_.most_seconds : weir::sim::never());
    result_.seconds = fleet_->now();
    result_.rounds = fleet_->rounds_closed();
    result_.bytes = bytes_so_far();
    for (std::size_t rank = 0; rank < result_.devices.size(); ++rank) {
      const weir::sim::device_counters& c = fleet_->device(rank);
      device_outcome& d = result_.devices[rank];
      d.link = setup_.devices[rank].link.name;
      d.bytes_up = c.bytes_up;
      d.bytes_down = c.bytes_down;
      d.updates = c.updates;
      d.most_behind = c.most_behind;
      d.lost = c.lost_up + c.lost_down;
      d.resets = c.resets;
    }
    return std::move(result_);
  }

 private:
  static constexpr std::uint64_t points = 100;           // of a curve
  static constexpr std::uint64_t trace_events = 200000;  // some 30 MB

  static bool saves(const setup& s) { return s.saves && s.resets > 0; }

  static weir::sim::fleet_plan plan_of(const setup& s) {
    weir::sim::fleet_plan p;
    p.seed = s.seed;
    p.deadline_ms = s.deadline_ms;
    p.waits_for = static_cast<std::uint16_t>(s.devices.size());  // the first round begins when all have joined
    for (const device_setup& d : s.devices) {
      weir::sim::device_kind k;
      k.link = d.link;
      k.step_seconds = s.step_seconds;
      k.most_steps = s.local_steps;
      k.concurrent = true;
      k.resets_per_round = s.resets;
      k.saves = saves(s);
      k.patient = !s.may_lose();  // however long a frame is on its way
      k.resend_ms = resend_ms(s, d.link);
      p.groups.push_back({k, 1});
    }
    return p;
  }
  /// Until a frame is sent again: as long as a packet takes there and back, thrice; but not before the broadcast of a round of
  /// usual length can have come, which acknowledges it.
  static std::uint16_t resend_ms(const setup& s, const weir::sim::link& l) {
    const double there_and_back = l.up.lone_seconds(l.up.mtu) + l.down.lone_seconds(l.down.mtu);
    return static_cast<std::uint16_t>(
        std::clamp(1000 * std::max(3 * there_and_back, 2 * s.round_seconds), 1000.0, 60000.0));
  }

  pipe pipe_of(const device_setup& d, weir::bytes memory) const {
    const weir::cosine_rate rate(setup_.rate, rounds_ * setup_.local_steps);
    const auto steps = static_cast<std::uint16_t>(std::min(0xffff, setup_.local_steps * d.rounds_per_frame));
    return pipe(optimizer(rate, setup_.momentum), Threshold(d.gate), Encoder(), by_hand(), weir::local_steps(steps),
                saving(weir::memory_storage(memory)));
  }

  void happened(const weir::sim::happening& h) {
    if (trace_) (*trace_)(h);
    if (h.kind == weir::sim::event_kind::round_started) opened_.assign(1, h.now);
    if (h.kind == weir::sim::event_kind::counted) counted(h);
    if (h.kind == weir::sim::event_kind::round_closed) closed(h.now);
  }
  void counted(const weir::sim::happening& h) {
    const std::uint32_t now = fleet_->rounds_closed();  // of which the protocol has 16 bits
    const std::uint32_t of_round = now - static_cast<std::uint16_t>(static_cast<std::uint16_t>(now) - h.round_number);
    const double in_time = setup_.round_seconds * setup_.devices[h.rank].rounds_per_frame;
    if (opened_.empty() || h.now - opened_[of_round] <= in_time) ++result_.devices[h.rank].in_time;
  }
  void closed(double now) {
    opened_.push_back(now);
    const std::uint32_t round = fleet_->rounds_closed();
    if (round * points / rounds_ != (round - 1) * points / rounds_ || round == rounds_) measure(round);
    tell_(round, rounds_, now, result_.accuracy);
  }
  void measure(std::uint32_t round) {
    const auto outputs = [this](const float* x) {
      return Model::template forward<1>(fleet_->center().weights().data(), x, activations_.data());
    };
    const double accuracy =
        fleet::score_of<float, weir::softmax_cross_entropy>(data_, Model::outputs(), outputs).accuracy;
    result_.curve.push_back({round, fleet_->now(), bytes_so_far(), accuracy});
    result_.accuracy = accuracy;
    if (result_.target_seconds < 0 && accuracy >= setup_.target) result_.target_seconds = fleet_->now();
  }
  std::uint64_t bytes_so_far() const {
    const weir::sim::device_counters t = fleet_->totals();
    return t.bytes_up + t.bytes_down;
  }

  const setup setup_;
  const support::dataset& data_;
  const progress tell_;
  std::uint32_t each_;
  std::uint32_t rounds_;
  std::vector<double> opened_;  // when which round was; empty until all have joined
  std::deque<fleet::feeder<float, batch>> feeders_;
  std::unique_ptr<weir::sim::chrome_trace> trace_;
  std::vector<float> activations_;
  outcome result_{};
  std::unique_ptr<simulated> fleet_;
};

}  // namespace simulate
