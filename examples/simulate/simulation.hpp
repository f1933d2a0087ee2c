// SPDX-License-Identifier: MIT
// One training in virtual time: the workers and the coordinator that devices run, and links that take their time.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <deque>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include <weir/sim/event_queue.hpp>
#include <weir/sim/link.hpp>
#include <weir/weir.hpp>

#include "fleet/feeder.hpp"
#include "setup.hpp"

namespace simulate {

/// Encoder of both ways; Threshold of both ways, made of a `gate_choice`.
template <class Model, class Encoder, class Threshold>
class simulation {
  static constexpr std::size_t frame_bytes = 4 * Model::parameters() + 32;

  /// Frames are carried by the simulation.
  struct by_hand {
    static std::size_t mtu() noexcept { return frame_bytes; }
    static weir::status send(weir::const_bytes) noexcept { return weir::status::busy; }
    static std::size_t receive(weir::bytes) noexcept { return 0; }
  };
  using optimizer = weir::basic_momentum<weir::cosine_rate>;
  using pipe = weir::pipeline<optimizer, Threshold, Encoder, by_hand, weir::local_steps>;
  using worker = weir::worker<float, Model, weir::softmax_cross_entropy, pipe, batch, frame_bytes>;
  using link = weir::downlink<Encoder, weir::mean, Threshold>;
  using coordinator = weir::coordinator<float, Model, link, most_devices, frame_bytes>;

 public:
  simulation(const setup& s, const support::dataset& data)
      : setup_(s),
        data_(data),
        each_(fleet::steps_per_epoch(data.train.size(), s.devices.size(), batch)),
        rounds_(each_ * s.epochs / s.local_steps),
        coordinator_(new coordinator),
        activations_(Model::elements()) {
    const std::uint16_t ranks = static_cast<std::uint16_t>(s.devices.size());
    const weir::mean aggregation(static_cast<std::uint16_t>(std::lround(s.server_step * 16)), 4);
    coordinator_->begin(link{aggregation, Threshold(s.down), Encoder()}, weir::fleet_terms{ranks, 0, s.deadline_ms, 0},
                        s.seed);
    std::vector<fleet::row_list> shares = fleet::deal(data.train, ranks, s.split, s.seed);
    const weir::cosine_rate rate(s.rate, rounds_ * s.local_steps);
    for (std::uint16_t rank = 0; rank < ranks; ++rank) {
      const device_setup& d = s.devices[rank];
      devices_.emplace_back(d, data, std::move(shares[rank]), each_,
                            weir::mix(weir::mix(s.seed, rank), weir::name_id("feed")));
      worker& w = *devices_.back().node;
      const auto steps = static_cast<std::uint16_t>(std::min(0xffff, s.local_steps * d.rounds_per_frame));
      w.begin(pipe{optimizer(rate, s.momentum), Threshold(d.gate), Encoder(), by_hand(), weir::local_steps(steps)},
              weir::rank_t(rank), s.seed);
    }
  }

  outcome run() {
    for (std::uint16_t rank = 0; rank < devices_.size(); ++rank) wake(rank);
    while (coordinator_->round_number() != static_cast<std::uint16_t>(rounds_)) {
      if (events_.empty()) throw std::logic_error("the fleet waits for ever");
      take(events_.next());
    }
    result_.seconds = events_.now();
    result_.rounds = rounds_;
    for (const device& d : devices_) {
      device_outcome o = d.sent;
      o.link = d.setup.link.name;
      result_.devices.push_back(o);
    }
    return std::move(result_);
  }

 private:
  using datagram = std::shared_ptr<const std::vector<std::uint8_t>>;
  enum class kind { wake, trained, up, down, deadline };
  struct event {
    kind what;
    std::uint16_t rank;
    datagram bytes;
  };
  struct device {
    device(const device_setup& s, const support::dataset& data, fleet::row_list rows, std::uint32_t each,
           std::uint32_t seed)
        : setup(s), node(new worker), feeder(data, std::move(rows), each, seed), up(s.link.up), down(s.link.down) {}

    device_setup setup;
    std::unique_ptr<worker> node;
    fleet::feeder<float, batch> feeder;
    weir::sim::channel up, down;
    device_outcome sent{};
    bool training = false;
    std::uint32_t steps = 0;     // trained since the last broadcast
    std::uint16_t sequence = 0;  // of its last update
    std::uint16_t of_round = 0;  // that update's, of which its header has but 8 bits
  };

  /// A worker's clock: it stands still, and no time-out runs out. Nothing gets lost, however long a frame is on its way.
  static constexpr std::uint32_t still = 0;
  /// The coordinator's: from the first round on, so that it does not close that one for what joining took.
  std::uint32_t now_ms() const {
    const double seconds = opened_.empty() ? 0 : events_.now() - opened_.front();
    return static_cast<std::uint32_t>(static_cast<std::uint64_t>(seconds * 1000 + 1e-3));  // wraps, as clocks do
  }

  void take(const event& e) {
    switch (e.what) {
      case kind::wake: return wake(e.rank);
      case kind::trained: return trained(e.rank);
      case kind::up: return arrived(e.rank, *e.bytes);
      case kind::down: return received(e.rank, *e.bytes);
      case kind::deadline: return close_if_due();
    }
  }

  /// Starts what the device can do now: a step, and a frame.
  void wake(std::uint16_t rank) {
    device& d = devices_[rank];
    const bool member = d.node->member_state() == weir::membership::member;
    if (member && !d.training && d.steps < setup_.local_steps) {
      d.training = true;
      events_.at(events_.now() + setup_.step_seconds, {kind::trained, rank, nullptr});
    }
    if (d.up.free_at() > events_.now()) return;  // it is woken when the last byte has left
    const weir::const_bytes out = d.node->outgoing(still);
    if (out.empty()) return;
    if (d.node->sequence() != d.sequence) {  // made just now
      d.sequence = d.node->sequence();
      d.of_round = d.node->round_number();
    }
    const double arrives = d.up.send(events_.now(), out.size());
    d.node->sent(still);
    d.sent.bytes_up += out.size();
    result_.bytes += out.size();
    events_.at(arrives, {kind::up, rank, copy(out)});
    events_.at(d.up.free_at(), {kind::wake, rank, nullptr});
  }

  void trained(std::uint16_t rank) {
    device& d = devices_[rank];
    d.feeder.next();
    d.node->train(d.feeder.x(), d.feeder.labels());
    d.training = false;
    ++d.steps;
    wake(rank);
  }

  void received(std::uint16_t rank, const std::vector<std::uint8_t>& bytes) {
    device& d = devices_[rank];
    const std::uint16_t before = d.node->round_number();
    d.node->handle(weir::const_bytes(bytes.data(), bytes.size()), still);
    if (d.node->round_number() != before) d.steps = 0;
    if (opened_.empty()) start_if_complete();
    wake(rank);
  }

  /// The first round begins when all have joined.
  void start_if_complete() {
    for (const device& d : devices_)
      if (d.node->member_state() != weir::membership::member) return;
    opened_.assign(1, events_.now());
    if (setup_.deadline_ms != 0) events_.at(events_.now() + setup_.deadline_ms / 1000.0, {kind::deadline, 0, nullptr});
  }

  void arrived(std::uint16_t rank, const std::vector<std::uint8_t>& bytes) {
    const std::uint16_t counted = coordinator_->counted();
    const auto o = coordinator_->handle(weir::const_bytes(bytes.data(), bytes.size()));
    if (!o.answer.empty()) send_down(o.rank, copy(o.answer));
    if (coordinator_->counted() != counted) {
      device& d = devices_[rank];
      const double taken = opened_.empty() ? 0 : events_.now() - opened_[d.of_round];
      ++d.sent.updates;
      if (taken <= setup_.round_seconds * d.setup.rounds_per_frame) ++d.sent.in_time;
    }
    close_if_due();
  }

  void close_if_due() {
    if (opened_.empty() || !coordinator_->round_due(now_ms())) return;
    const datagram broadcast = copy(coordinator_->close_round(now_ms()));
    for (std::uint16_t rank = 0; rank < devices_.size(); ++rank) send_down(rank, broadcast);
    if (setup_.deadline_ms != 0) events_.at(events_.now() + setup_.deadline_ms / 1000.0, {kind::deadline, 0, nullptr});
    opened_.push_back(events_.now());
    const std::uint32_t closed = static_cast<std::uint32_t>(opened_.size() - 1);
    if (closed * points / rounds_ != (closed - 1) * points / rounds_ || closed == rounds_) measure(closed);
  }

  void send_down(std::uint16_t rank, const datagram& bytes) {
    device& d = devices_[rank];
    const double arrives = d.down.send(events_.now(), bytes->size());
    d.sent.bytes_down += bytes->size();
    d.sent.most_behind = std::max(d.sent.most_behind, d.down.free_at() - events_.now());
    result_.bytes += bytes->size();
    events_.at(arrives, {kind::down, rank, bytes});
  }

  void measure(std::uint32_t round) {
    const double accuracy = fleet::percent_hit<float>(data_, [this](const float* x, weir::index_t label) {
      return coordinator_->predict(x, activations_.data()) == label;
    });
    result_.curve.push_back({round, events_.now(), result_.bytes, accuracy});
    result_.accuracy = accuracy;
    if (result_.target_seconds < 0 && accuracy >= setup_.target) result_.target_seconds = events_.now();
  }

  static datagram copy(weir::const_bytes b) {
    return std::make_shared<const std::vector<std::uint8_t>>(b.data(), b.data() + b.size());
  }

  static constexpr std::uint64_t points = 100;  // of a curve

  const setup setup_;
  const support::dataset& data_;
  std::uint32_t each_;
  std::uint32_t rounds_;
  std::vector<double> opened_;  // when which round was; empty until all have joined
  weir::sim::event_queue<event> events_;
  std::deque<device> devices_;
  std::unique_ptr<coordinator> coordinator_;
  std::vector<float> activations_;
  outcome result_{};
};

}  // namespace simulate
