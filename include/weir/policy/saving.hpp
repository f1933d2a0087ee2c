// SPDX-License-Identifier: MIT
// The contract of saving: what of a worker outlasts a reset, and so when a new frame may leave.
//
//   static constexpr recovery most();                                     the most that restore() gives back
//   size_t room() const;                                                  bytes of its storage
//   template <class Number, index_t N, size_t FrameBytes> struct state;   its memory, all-zero at first; empty if it can be
//   template <class Number, index_t N, size_t FrameBytes>
//   static constexpr size_t bytes();                                      what it needs of a storage
//   recovery restore(state&, uint32_t identity, worker_life<Number>&);    at the start: puts back what was saved under
//                                                                         this identity, or changes nothing. May wait
//   bool ready(state&, const worker_life<Number>&);                       asked before the frame in flight is offered, as
//                                                                         often as need be: true when all that has to be
//                                                                         saved before it leaves is. Does not wait
//
// What must hold after a reset, whenever it comes: no sequence is used for two frames that left; and if a residual comes
// back, so does the last frame that left, which was taken out of it. (A residual older than a frame that left still has
// what that frame carries, and it would count twice.)
//
// What is saved belongs to one fleet: model, rank and seed. A coordinator that is started anew, from round 0, needs another
// epoch: then nodes write off what was meant for its former life.
#pragma once

#include <weir/core/number.hpp>
#include <weir/core/span.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// What came back after a reset.
enum class recovery : uint8_t {
  nothing,   ///< the node is new: no record, or one of another model, rank or seed
  counters,  ///< the sequence and the round. The residual, and a frame in flight, are written off
  state,     ///< the frame in flight and the residual behind it, too: neither is lost, or counts twice
  all        ///< and the weights of that round
};

/// What of a worker may be saved, as it lies in its memory.
template <class Number>
struct worker_life {
  typedef typename number<Number>::residual residual;
  typedef typename number<Number>::weight weight;

  uint16_t sequence;      ///< of the last update
  uint16_t round_number;  ///< whose broadcast the weights have
  uint16_t ranks;
  uint16_t epoch;     ///< of the coordinator that the update is for
  size_t frame_size;  ///< 0: none in flight
  uint8_t* frame;     ///< FrameBytes of room
  residual* cells;    ///< N
  weight* weights;    ///< N
};

namespace detail {

typedef fixed<int16_t, 12> saving_probe;  // a number that everything takes

template <class S, class = void>
struct saving_has_most : false_type {};
template <class S>
struct saving_has_most<S, void_t<bool_constant<(S::most() == recovery::nothing)>>> : true_type {};

template <class S, class = void>
struct saving_has_room : false_type {};
template <class S>
struct saving_has_room<S, void_t<decltype(static_cast<size_t>(declval<const S&>().room()))>> : true_type {};

template <class S, class = void>
struct saving_has_state : false_type {};
template <class S>
struct saving_has_state<S, void_t<typename S::template state<saving_probe, 4, 48>>> : true_type {};

template <class S, class = void>
struct saving_has_bytes : false_type {};
template <class S>
struct saving_has_bytes<S, void_t<bool_constant<(S::template bytes<saving_probe, 4, 48>() >= 0)>>> : true_type {};

template <class S, class = void>
struct saving_has_restore : false_type {};
template <class S>
struct saving_has_restore<S, void_t<decltype(static_cast<recovery>(declval<S&>().restore(
                                 declval<typename S::template state<saving_probe, 4, 48>&>(), uint32_t(),
                                 declval<worker_life<saving_probe>&>())))>> : true_type {};

template <class S, class = void>
struct saving_has_ready : false_type {};
template <class S>
struct saving_has_ready<
    S, void_t<decltype(static_cast<bool>(declval<S&>().ready(
           declval<typename S::template state<saving_probe, 4, 48>&>(), declval<const worker_life<saving_probe>&>())))>>
    : true_type {};

template <class S>
struct require_saving {
  static_assert(saving_has_most<S>::value,
                "weir: Saving needs `static constexpr recovery most()`, the most that it gives back; "
                "see weir/policy/saving.hpp");
  static_assert(saving_has_room<S>::value,
                "weir: Saving needs `size_t room() const`, the bytes of its storage; see weir/policy/saving.hpp");
  static_assert(saving_has_state<S>::value,
                "weir: Saving needs `template <class Number, index_t N, size_t FrameBytes> struct state`; "
                "see weir/policy/saving.hpp");
  static_assert(saving_has_bytes<S>::value,
                "weir: Saving needs `template <class Number, index_t N, size_t FrameBytes> static constexpr size_t "
                "bytes()`, what it needs of a storage; see weir/policy/saving.hpp");
  static_assert(saving_has_restore<S>::value,
                "weir: Saving needs `recovery restore(state&, uint32_t identity, worker_life<Number>&)`; "
                "see weir/policy/saving.hpp");
  static_assert(
      saving_has_ready<S>::value,
      "weir: Saving needs `bool ready(state&, const worker_life<Number>&)`, true when the frame in flight may "
      "leave; see weir/policy/saving.hpp");
};

}  // namespace detail

/// True when S meets every requirement of the saving policy.
template <class S>
struct is_saving : bool_constant<detail::saving_has_most<S>::value && detail::saving_has_room<S>::value &&
                                 detail::saving_has_state<S>::value && detail::saving_has_bytes<S>::value &&
                                 detail::saving_has_restore<S>::value && detail::saving_has_ready<S>::value> {};

#if WEIR_HAS_CONCEPTS
template <class S>
concept saving = is_saving<S>::value;
#endif

}  // namespace WEIR_ABI
}  // namespace weir
