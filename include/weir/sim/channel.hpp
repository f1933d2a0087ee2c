// SPDX-License-Identifier: MIT
// A way in use (C++17). Not part of the umbrella.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

#include <weir/sim/link.hpp>
#include <weir/sim/random.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace sim {

/// What becomes of a datagram.
enum class fate : std::uint8_t {
  whole,      ///< arrives as it was
  flipped,    ///< arrives with some bits turned around: flip_bits()
  truncated,  ///< only its beginning arrives: truncate()
  lost,       ///< one of its packets got lost
  dropped     ///< it was not sent: the queue was full
};

struct passage {
  fate what;
  std::uint8_t copies;  ///< that arrive: 0, 1 or 2
  double began, left;   ///< when its first byte left, and when the last one had
  double arrives[2];    ///< when the copies are there, in the order in which they are
};

/// A way in use: datagrams follow one another, in the order in which they were sent.
class channel {
 public:
  /// The way must outlive it.
  explicit channel(const way& w, chances c = chances()) : way_(&w), chances_(c) {}
  explicit channel(const way&&, chances = chances()) = delete;

  /// When the next datagram may begin to leave.
  double free_at() const { return free_at_; }
  /// Bytes that wait for the way to become free, overhead and silence included.
  double waiting_bytes(double now) const {
    return std::max(0.0, free_at_ - now) * (way_->bytes_per_second * way_->duty);
  }

  /// Takes a datagram at `now`, in seconds.
  passage send(double now, std::size_t datagram) {
    const faults& f = way_->trouble;
    passage p = {fate::whole, 1, now, now, {0, 0}};
    if (way_->queue_bytes != std::numeric_limits<std::size_t>::max() && free_at_ > now &&
        waiting_bytes(now) + static_cast<double>(way_->carried(datagram)) > static_cast<double>(way_->queue_bytes)) {
      p.what = fate::dropped;
      p.copies = 0;
      return p;
    }
    p.began = std::max(now, free_at_);
    free_at_ = p.began + way_->busy_seconds(datagram);
    const bool lost = loses(f, datagram);
    p.left = way_->duty < 1 ? free_at_ - way_->last_silence(datagram) : free_at_;
    if (lost) {
      p.what = fate::lost;
      p.copies = 0;
      return p;
    }
    if (chances_.happens(f.flipped))
      p.what = fate::flipped;
    else if (chances_.happens(f.truncated))
      p.what = fate::truncated;
    p.copies = chances_.happens(f.duplicated) ? 2 : 1;
    for (std::uint8_t c = 0; c < p.copies; ++c) p.arrives[c] = arrival(f, p.left);
    if (p.copies == 2 && p.arrives[1] < p.arrives[0]) std::swap(p.arrives[0], p.arrives[1]);
    return p;
  }
  const way& properties() const { return *way_; }

 private:
  // Does one of its packets get lost? The chain takes a step for each that is sent, whatever became of those before; those
  // that the link sends again keep it busy.
  bool loses(const faults& f, std::size_t datagram) {
    if (!(f.loss > 0) && !(f.burst_start > 0)) return false;
    bool lost = false;
    for (std::size_t packets = way_->packets(datagram); packets > 0; --packets) {
      std::uint16_t tries = f.tries;
      for (; tries > 0; --tries) {
        bad_ = bad_ ? !chances_.happens(1 / f.burst_packets) : chances_.happens(f.burst_start);
        if (!chances_.happens(bad_ ? f.burst_loss : f.loss)) break;
        if (tries > 1) free_at_ += way_->busy_seconds(packets > 1 ? way_->mtu : way_->last_packet(datagram));
      }
      if (tries == 0) lost = true;
    }
    return lost;
  }
  double arrival(const faults& f, double left) {
    double at = left + way_->latency;
    if (f.jitter > 0)
      at += f.shape == jitter_shape::uniform ? chances_.between(0, 2 * f.jitter) : chances_.waiting(f.jitter);
    if (chances_.happens(f.detour)) at += chances_.between(0, f.detour_seconds);
    if (!f.in_order) return at;
    last_arrival_ = std::max(last_arrival_, at);
    return last_arrival_;
  }

  const way* way_;
  double free_at_ = 0;
  double last_arrival_ = 0;
  chances chances_;
  bool bad_ = false;
};

}  // namespace sim
}  // namespace WEIR_ABI
}  // namespace weir
