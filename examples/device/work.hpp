// SPDX-License-Identifier: MIT
// Workers of the mixed fleet, one after the other in a loop.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <deque>

#include "lines.hpp"
#include "options.hpp"
#include "support/mixed_rows.hpp"

namespace working {

template <class Net, class Transport>
class device {
 public:
  device(const options& o, std::uint16_t rank, const support::dataset& digits, Transport line)
      : rows_(mixed::share_of<Net>(digits, rank, o.ranks)) {
    auto policies = mixed::make_pipe_over<Net>(line);
    policies.optimizer = weir::sgd(o.rate);
    if (o.density > 0) policies.threshold = weir::target_density(o.density);
    // Not the number of its former life: when two are started in the same microsecond, they have different ranks.
    const auto boot =
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch());
    node_.begin(policies, weir::rank_t(rank), o.seed, static_cast<std::uint16_t>(boot.count() & 0xffff));
    node_.set_resend_ms(o.resend_ms);
  }

  /// Trains a batch if it is time for one; false if not.
  bool turn(std::uint32_t now_ms) {
    node_.poll(now_ms);
    const bool refused = node_.member_state() == weir::membership::refused;
    if (refused && !told_) std::fprintf(stderr, "device: refused: %s\n", weir::to_string(node_.refusal()));
    told_ = refused;
    if (node_.round_number() != round_) ++rounds_, round_ = node_.round_number();
    if (!pace_.next(node_)) return false;
    node_.train(rows_.x(row_), static_cast<weir::index_t>(rows_.labels[row_]));
    row_ = row_ + 1 == rows_.size() ? 0 : row_ + 1;
    return true;
  }
  /// Broadcasts that it has had.
  std::uint32_t rounds() const { return rounds_; }
  void leave() { node_.leave(); }
  bool has_left() const { return node_.member_state() == weir::membership::left; }

 private:
  mixed::rows rows_;
  mixed::node_over<Net, Transport> node_{};
  mixed::pace pace_{};
  std::size_t row_ = 0;
  std::uint32_t rounds_ = 0;
  std::uint16_t round_ = 0;
  bool told_ = false;
};

template <class Net, class Lines>
void work_on(const options& o, Lines&& lines) {
  using clock = std::chrono::steady_clock;
  const support::dataset digits = support::load_digits();
  std::deque<device<Net, typename std::decay_t<Lines>::transport>> devices;
  for (std::uint16_t i = 0; i < o.count; ++i)
    devices.emplace_back(o, static_cast<std::uint16_t>(o.rank + i), digits, lines.line(i));
  const auto started = clock::now();
  for (bool all_left = false; !lines.ended() && !all_left;) {
    const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - started);
    bool busy = false;
    all_left = true;
    for (auto& d : devices) {
      if (o.rounds != 0 && d.rounds() >= o.rounds) d.leave();
      busy = d.turn(static_cast<std::uint32_t>(age.count())) || busy;
      all_left = all_left && d.has_left();
    }
    if (!all_left) lines.wait(busy ? 0 : 100);  // what has to be sent again is not that urgent
  }
}

template <class Net>
void work(const options& o) {
  if (!o.tcp.empty())
    work_on<Net>(o, tcp_lines(o.tcp, o.count));
  else if (!o.udp.empty())
    work_on<Net>(o, udp_lines(o.udp, o.count));
  else
    work_on<Net>(o, pipe_line());
}

}  // namespace working
