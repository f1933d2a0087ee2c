// SPDX-License-Identifier: MIT
// What happened, for a viewer of traces (C++17). Not part of the umbrella.
#pragma once

#include <cstdint>
#include <cstdio>
#include <ostream>

#include <weir/sim/happening.hpp>
#include <weir/wire/frame.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace sim {

/// An observer that writes Chrome's trace-event format, JSON that Perfetto (ui.perfetto.dev) and chrome://tracing open: a
/// process for the coordinator's rounds, and one for each device, with its training, its datagrams up and those down. Virtual
/// microseconds. Ends with the object; the stream must outlive it.
class chrome_trace {
 public:
  /// Writes so many events at most, some 150 bytes each, so that no run fills a disk.
  explicit chrome_trace(std::ostream& to, std::uint64_t most = 1000000) : to_(to), left_(most) {
    to_ << "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n"
        << R"({"name":"process_name","ph":"M","pid":0,"tid":0,"args":{"name":"coordinator"}})";
  }
  chrome_trace(const chrome_trace&) = delete;
  chrome_trace& operator=(const chrome_trace&) = delete;
  ~chrome_trace() { to_ << "\n]}\n"; }

  void operator()(const happening& h) {
    if (left_ == 0) return;
    --left_;
    switch (h.kind) {
      case event_kind::booted: name(h.rank); return point("booted", h.rank + 1, training, h);
      case event_kind::joined: return point("joined", h.rank + 1, training, h);
      case event_kind::reset: return point("reset", h.rank + 1, training, h);
      case event_kind::left: return point("left", h.rank + 1, training, h);
      case event_kind::stepped: return span("step", h.rank + 1, training, h);
      case event_kind::sent_up: return span(h.arrives ? frame(h) : "lost", h.rank + 1, up, h);
      case event_kind::sent_down: return span(h.arrives ? frame(h) : "lost", h.rank + 1, down, h);
      case event_kind::counted: return point("counted", h.rank + 1, up, h);
      case event_kind::arrived_up:
        return h.result == status::ok ? void() : point(to_string(h.result), h.rank + 1, up, h);
      case event_kind::arrived_down:
        return h.result == status::ok ? void() : point(to_string(h.result), h.rank + 1, down, h);
      case event_kind::round_started: return point("started", 0, 0, h);
      case event_kind::round_closed: return span("round", 0, 0, h);
    }
  }

 private:
  static constexpr int training = 0, up = 1, down = 2;

  static const char* frame(const happening& h) {
    if (h.datagram.empty()) return "?";
    switch (static_cast<frame_kind>(h.datagram[0] & 0x0f)) {
      case frame_kind::update: return "update";
      case frame_kind::join: return "join";
      case frame_kind::ask: return "ask";
      case frame_kind::broadcast: return "broadcast";
      case frame_kind::broadcast_some: return "broadcast";
      case frame_kind::welcome: return "welcome";
      case frame_kind::piece: return "piece";
      case frame_kind::acknowledgement: return "acknowledgement";
      case frame_kind::refusal: return "refusal";
      default: return "frame";
    }
  }
  void name(std::uint16_t rank) {
    write(R"(,%c{"name":"process_name","ph":"M","pid":%d,"tid":0,"args":{"name":"device %d"}})", '\n', rank + 1, rank);
    const char* const rows[] = {"training", "up", "down"};
    for (int row = 0; row < 3; ++row)
      write(R"(,%c{"name":"thread_name","ph":"M","pid":%d,"tid":%d,"args":{"name":"%s"}})", '\n', rank + 1, row,
            rows[row]);
  }
  void span(const char* what, int process, int row, const happening& h) {
    write(R"(,%c{"name":"%s","ph":"X","pid":%d,"tid":%d,"ts":%.3f,"dur":%.3f,"args":{"round":%d,"bytes":%d}})", '\n',
          what, process, row, h.from * 1e6, (h.until - h.from) * 1e6, int(h.round_number),
          static_cast<int>(h.datagram.size()));
  }
  void point(const char* what, int process, int row, const happening& h) {
    write(R"(,%c{"name":"%s","ph":"i","s":"t","pid":%d,"tid":%d,"ts":%.3f,"args":{"round":%d}})", '\n', what, process,
          row, h.now * 1e6, int(h.round_number));
  }
  template <class... Values>
  void write(const char* format, Values... values) {
    char line[256];
    const int size = std::snprintf(line, sizeof line, format, values...);
    if (size > 0) to_.write(line, size < int(sizeof line) ? size : int(sizeof line) - 1);
  }

  std::ostream& to_;
  std::uint64_t left_;
};

}  // namespace sim
}  // namespace WEIR_ABI
}  // namespace weir
