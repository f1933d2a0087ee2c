// SPDX-License-Identifier: MIT
// The contract of an encoder: step two, from emitted coordinates to bytes and back. It writes the body of a frame.
//
//   struct state;                                     RAM carried from frame to frame, all-zero at first
//   static constexpr uint32_t id();                   part of the fingerprint: equal ids, equal wire format
//   static constexpr bool needs_wt();                 true: values derive from Wt, which must not be 0
//   static constexpr size_t max_bytes(index_t cells, index_t hits);   the largest body with so many hits
//   template <class Grid> class writer;               one body in the making
//     writer(const E&, const state&, Grid, const encode_request&, bytes out);
//     Grid::cell threshold() const;                   what the gate compares cells with
//     bool put(index_t offset, Grid::cell& cell);     takes from the cell what it writes; false: full, nothing
//                                                     changed. Offsets ascend; they count from request.start, around
//     bool wants(const Grid::cell&) const;            optional; false: this frame leaves the cell as it is
//     size_t finish(state&);                          bytes written; 0 is an empty update
//   static bool wants_mean(const state&);             optional; true: the next request shall have `mean`, which costs a pass
//   template <class Value> static status check(const_bytes body, index_t cells);
//                                                     ok: decode will succeed on these bytes
//   template <class Value, class Sink> static status decode(const_bytes body, index_t cells, Sink&& sink);
//                                                     sink(index, value) for each coordinate up to the first fault; says
//                                                     what check says
//
// An encoder of segments (weir/encoder/segmented.hpp) has others write for it. It has no state and no writer, but says
// whose it needs, and gate() of weir/segmented_gate.hpp gives each segment one:
//
//   typedef ... segment_encoder;                      an encoder that has both
//   static constexpr uint8_t segments();              how many
//
// Promises: emitted + residual after = residual before, exactly in fixed point and within rounding in float; check and
// decode are total, any bytes give a status; nothing is read or written out of bounds.
#pragma once

#include <weir/core/grid.hpp>
#include <weir/core/span.hpp>
#include <weir/core/status.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// What a body is made for.
struct encode_request {
  float wt;          ///< in the scale of the weights
  index_t cells;     ///< weights
  index_t start;     ///< the scan begins here and goes around
  index_t expected;  ///< hits of the last frame, or a guess: a good code needs the density beforehand
  float mean;        ///< mean magnitude of the residual in the scale of the weights, if the encoder asked for it

  constexpr encode_request(float wt_, index_t cells_, index_t start_, index_t expected_, float mean_ = 0.0f) noexcept
      : wt(wt_), cells(cells_), start(start_), expected(expected_), mean(mean_) {}
};

namespace detail {

typedef grid<float, float> any_grid;
/// A sink that takes coordinates and does nothing: what is decoded into it is only checked.
struct any_coordinate_sink {
  template <class Value>
  void operator()(index_t, Value) const noexcept {}
};

/// Who writes, and how many bodies: the encoder itself one; of an encoder of segments, that of each segment.
template <class E, class = void>
struct encoder_segments {
  typedef E encoder;
  static constexpr uint8_t count() noexcept { return 1; }
};
template <class E>
struct encoder_segments<E, void_t<typename E::segment_encoder, bool_constant<(E::segments() != 0)>>> {
  typedef typename E::segment_encoder encoder;
  static constexpr uint8_t count() noexcept { return E::segments(); }
};

template <class E, class = void>
struct has_state : false_type {};
template <class E>
struct has_state<E, void_t<typename E::state>> : true_type {};

template <class E, class = void>
struct encoder_has_state : false_type {};
template <class E>
struct encoder_has_state<E, void_t<bool_constant<(E::id() != 0)>, bool_constant<E::needs_wt()>>>
    : has_state<typename encoder_segments<E>::encoder> {};

template <class E, class = void>
struct encoder_has_max_bytes : false_type {};
template <class E>
struct encoder_has_max_bytes<E, void_t<decltype(static_cast<size_t>(E::max_bytes(index_t(), index_t())))>> : true_type {
};

template <class E, class = void>
struct has_writer : false_type {};
template <class E>
struct has_writer<
    E, void_t<decltype(typename E::template writer<any_grid>(declval<const E&>(), declval<const typename E::state&>(),
                                                             declval<any_grid>(), declval<const encode_request&>(),
                                                             declval<bytes>())
                           .put(index_t(), declval<float&>())),
              decltype(declval<typename E::template writer<any_grid>&>().threshold()),
              decltype(declval<typename E::template writer<any_grid>&>().finish(declval<typename E::state&>()))>>
    : true_type {};

template <class E>
struct encoder_has_writer : has_writer<typename encoder_segments<E>::encoder> {};

template <class E, class = void>
struct encoder_has_decode : false_type {};
template <class E>
struct encoder_has_decode<
    E, void_t<decltype(static_cast<status>(E::template check<float>(declval<const_bytes>(), index_t()))),
              decltype(static_cast<status>(E::template decode<float>(declval<const_bytes>(), index_t(),
                                                                     declval<any_coordinate_sink>())))>> : true_type {};

template <class E>
struct require_encoder {
  static_assert(encoder_has_state<E>::value,
                "weir: Encoder needs `struct state`, its memory, and constexpr `id()` (not 0) and `needs_wt()`; "
                "see weir/policy/encoder.hpp");
  static_assert(encoder_has_max_bytes<E>::value,
                "weir: Encoder needs `static constexpr size_t max_bytes(index_t cells, index_t hits)`, "
                "the worst-case body size; see weir/policy/encoder.hpp");
  static_assert(encoder_has_writer<E>::value,
                "weir: Encoder needs `template <class Grid> class writer` with `threshold()`, `put(offset, cell)` and "
                "`finish(state)`; see weir/policy/encoder.hpp");
  static_assert(encoder_has_decode<E>::value,
                "weir: Encoder needs `template <class Value> static status check(body, cells)` and "
                "`template <class Value> static status decode(body, cells, sink)`; see weir/policy/encoder.hpp");
};

}  // namespace detail

/// True when E meets every requirement of the encoder policy.
template <class E>
struct is_encoder : bool_constant<detail::encoder_has_state<E>::value && detail::encoder_has_max_bytes<E>::value &&
                                  detail::encoder_has_writer<E>::value && detail::encoder_has_decode<E>::value> {};

#if WEIR_HAS_CONCEPTS
template <class E>
concept encoder = is_encoder<E>::value;  // a view; the trait stays the truth
#endif

}  // namespace WEIR_ABI
}  // namespace weir
