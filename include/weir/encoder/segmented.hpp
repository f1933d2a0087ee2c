// SPDX-License-Identifier: MIT
#pragma once

#include <string.h>

#include <weir/core/bytes.hpp>
#include <weir/core/fingerprint.hpp>
#include <weir/policy/encoder.hpp>
#include <weir/policy/runner.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// One segment after the other, by the caller.
struct in_turn {
  static constexpr bool concurrent() noexcept { return false; }
  template <class Task>
  void run(uint8_t count, Task&& task) const noexcept {
    for (uint8_t i = 0; i < count; ++i) task(i);
  }
};

namespace detail {

/// A segment's coordinates, counted from the model's first cell.
template <class Sink>
struct segment_sink {
  Sink& sink;
  index_t begin;
  template <class Value>
  void operator()(index_t i, Value v) const noexcept {
    sink(static_cast<index_t>(begin + i), v);
  }
};

}  // namespace detail

/// A large model cut into Count segments of (nearly) equal size, that threads can encode and decode side by side: each has a body of
/// Encoder's own, with a start of its own, and its share of the frame. Where a segment's share is full, it goes on there in
/// the next frame; the others are not held up.
///
///   lengths     LEB128: of each body but the last
///   bodies      segment s has the cells from floor(n s / Count) to floor(n (s + 1) / Count); one without cells has an empty body
///
/// Runner says who does the segments: in_turn, or the threads of weir/host/threads.hpp. It is no part of the format: the bytes
/// are the same. A coordinate costs what it costs in Encoder; a frame has Count headers.
/// RAM: Encoder's, and the start and report of a gate, for each segment.
template <class Encoder, uint8_t Count, class Runner = in_turn>
struct segmented : private detail::require_encoder<Encoder>, private detail::require_runner<Runner> {
  static_assert(Count >= 1, "weir: a model has at least one segment");
  static_assert(is_same<typename detail::encoder_segments<Encoder>::encoder, Encoder>::value,
                "weir: segments are not cut into segments again");
  typedef Encoder segment_encoder;

  Encoder encoder;
  Runner runner;

  constexpr explicit segmented(Encoder encoder_ = Encoder(), Runner runner_ = Runner()) noexcept
      : encoder(encoder_), runner(runner_) {}

  static constexpr uint32_t id() noexcept { return mix(mix(name_id("segmented"), Count), Encoder::id()); }
  static constexpr bool needs_wt() noexcept { return Encoder::needs_wt(); }
  static constexpr uint8_t segments() noexcept { return Count; }
  /// A room of so many bytes is enough for so many hits wherever they are: all may be in one segment.
  static constexpr size_t max_bytes(index_t cells, index_t hits) noexcept {
    return hits == 0
               ? 0
               : 5 * (Count - 1) + Count * Encoder::max_bytes(most_cells(cells), at_most(hits, most_cells(cells)));
  }

  /// Segment s has the cells from begin_of(cells, s) to begin_of(cells, s + 1).
  static constexpr index_t begin_of(index_t cells, uint8_t s) noexcept {
    return static_cast<index_t>(cells / Count * s + cells % Count * s / Count);
  }

  /// Each segment's share of a frame, whose first byte is at share_at(room, s).
  static constexpr size_t share_of(size_t room) noexcept {
    return room > lengths_of(room) ? (room - lengths_of(room)) / Count : 0;
  }
  static constexpr size_t share_at(size_t room, uint8_t s) noexcept {
    return room > lengths_of(room) ? lengths_of(room) + s * share_of(room) : 0;
  }
  /// Makes one body of the bodies that stand in their shares of `out`, and returns its size; 0 is an empty update.
  static size_t join(const size_t (&sizes)[Count], bytes out) noexcept {
    size_t all = 0;
    for (uint8_t s = 0; s < Count; ++s) all += sizes[s];
    if (all == 0) return 0;
    byte_writer w(out);
    for (uint8_t s = 0; s + 1 < Count; ++s) w.put_varint(static_cast<uint32_t>(sizes[s]));
    for (uint8_t s = 0; s < Count; ++s) {
      memmove(w.rest().data(), out.data() + share_at(out.size(), s), sizes[s]);
      w.skip(sizes[s]);
    }
    return w.size();
  }

  template <class Value>
  static status check(const_bytes body, index_t cells) noexcept {
    return decode<Value>(body, cells, detail::any_coordinate_sink());
  }

  template <class Value, class Sink>
  static status decode(const_bytes body, index_t cells, Sink&& sink) noexcept {
    const_bytes bodies[Count];
    status result = split(body, bodies);
    for (uint8_t s = 0; s < Count && result == status::ok; ++s)
      result = decode_segment<Value>(bodies[s], cells, s, sink);
    return result;
  }

  /// The same by a runner, segment s into make_sink(s): a sink of its own, because two may be at work at the same time. All
  /// are checked before: unless ok, no sink is made.
  template <class Value, class By, class MakeSink>
  static status decode_by(const By& by, const_bytes body, index_t cells, MakeSink&& make_sink) noexcept {
    const_bytes bodies[Count];
    const status cut = split(body, bodies);
    if (cut != status::ok) return cut;
    status checked[Count];
    by.run(Count,
           [&](uint8_t s) { checked[s] = decode_segment<Value>(bodies[s], cells, s, detail::any_coordinate_sink()); });
    for (uint8_t s = 0; s < Count; ++s)
      if (checked[s] != status::ok) return checked[s];
    by.run(Count, [&](uint8_t s) { decode_segment<Value>(bodies[s], cells, s, make_sink(s)); });
    return status::ok;
  }

 private:
  static constexpr index_t most_cells(index_t cells) noexcept {
    return static_cast<index_t>(cells / Count + (cells % Count != 0 ? 1 : 0));
  }
  static constexpr index_t at_most(index_t v, index_t limit) noexcept { return v < limit ? v : limit; }
  static constexpr size_t varint_bytes(size_t v) noexcept { return v < 0x80 ? 1 : 1 + varint_bytes(v >> 7); }
  /// In front of the shares: room for the lengths, whatever they are.
  static constexpr size_t lengths_of(size_t room) noexcept { return (Count - 1) * varint_bytes(room / Count); }

  static status split(const_bytes body, const_bytes (&bodies)[Count]) noexcept {
    if (body.empty()) return status::ok;  // an empty update
    byte_reader lengths(body);
    uint32_t sizes[Count];
    for (uint8_t s = 0; s + 1 < Count; ++s) sizes[s] = lengths.get_varint();
    const_bytes rest = lengths.rest();
    if (!lengths.ok() || lengths.size() == body.size()) return status::malformed;  // a frame of empty bodies is empty
    for (uint8_t s = 0; s + 1 < Count; ++s) {
      if (sizes[s] > rest.size()) return status::malformed;
      bodies[s] = rest.first(static_cast<size_t>(sizes[s]));
      rest = rest.after(static_cast<size_t>(sizes[s]));
    }
    bodies[Count - 1] = rest;
    return status::ok;
  }

  template <class Value, class Sink>
  static status decode_segment(const_bytes body, index_t cells, uint8_t s, Sink&& sink) noexcept {
    const index_t begin = begin_of(cells, s);
    const index_t n = static_cast<index_t>(begin_of(cells, static_cast<uint8_t>(s + 1)) - begin);
    if (n == 0) return body.empty() ? status::ok : status::malformed;
    const detail::segment_sink<typename remove_reference<Sink>::type> shifted = {sink, begin};
    return Encoder::template decode<Value>(body, n, shifted);
  }
};

}  // namespace WEIR_ABI
}  // namespace weir
