// SPDX-License-Identifier: MIT
// Virtual time (C++17). Not part of the umbrella.
#pragma once

#include <cstdint>
#include <queue>
#include <utility>
#include <vector>

#include <weir/config.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace sim {

/// What will happen, in order of time; what happens at the same time, in the order in which it was planned. So a simulation
/// runs alike each time. O(log n) for each event.
template <class Event>
class event_queue {
 public:
  /// Seconds; that of the last event taken.
  double now() const { return now_; }
  bool empty() const { return waiting_.empty(); }

  /// Plans an event; one in the past happens now.
  void at(double seconds, Event event) {
    waiting_.push(entry{seconds > now_ ? seconds : now_, planned_++, std::move(event)});
  }
  /// Takes the next one, and moves the time there. There must be one.
  Event next() {
    Event event = std::move(const_cast<entry&>(waiting_.top()).event);  // moved from, then removed: its place stays
    now_ = waiting_.top().seconds;
    waiting_.pop();
    return event;
  }

 private:
  struct entry {
    double seconds;
    std::uint64_t order;
    Event event;
    bool operator<(const entry& other) const {
      return seconds != other.seconds ? seconds > other.seconds : order > other.order;
    }
  };

  std::priority_queue<entry> waiting_;
  std::uint64_t planned_ = 0;
  double now_ = 0;
};

}  // namespace sim
}  // namespace WEIR_ABI
}  // namespace weir
