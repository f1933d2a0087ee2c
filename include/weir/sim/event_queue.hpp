// SPDX-License-Identifier: MIT
// Virtual time (C++17). Not part of the umbrella.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
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
  std::size_t size() const { return waiting_.size(); }
  /// When the next one happens. There must be one.
  double next_at() const { return waiting_.front().seconds; }

  /// Plans an event; one in the past happens now.
  void at(double seconds, Event event) {
    waiting_.push_back(entry{seconds > now_ ? seconds : now_, planned_++, std::move(event)});
    std::push_heap(waiting_.begin(), waiting_.end());
  }
  /// Takes the next one, and moves the time there. There must be one.
  Event next() {
    std::pop_heap(waiting_.begin(), waiting_.end());
    Event event = std::move(waiting_.back().event);
    now_ = waiting_.back().seconds;
    waiting_.pop_back();
    return event;
  }

  /// Room for so many at a time.
  void reserve(std::size_t events) { waiting_.reserve(events); }
  /// Of one that waits.
  static constexpr std::size_t event_bytes() { return sizeof(entry); }

 private:
  struct entry {
    double seconds;
    std::uint64_t order;
    Event event;
    bool operator<(const entry& other) const {
      return seconds != other.seconds ? seconds > other.seconds : order > other.order;
    }
  };

  std::vector<entry> waiting_;  // a heap
  std::uint64_t planned_ = 0;
  double now_ = 0;
};

}  // namespace sim
}  // namespace WEIR_ABI
}  // namespace weir
