// SPDX-License-Identifier: MIT
// The contract of a threshold: Wt for this round, from what the last rounds showed.
//
//   struct state;                                     all the RAM it needs, all-zero at first
//   float next(state&, const gate_report& last, Mean&& mean) const;
//                                                     Wt in the scale of the weights, >= 0; 0 lets everything pass.
//                                                     mean() is the mean magnitude of the residual: one pass over it,
//                                                     so call it when there is nothing better to go by. mean.above(wt),
//                                                     which not every mean has, is that of those >= wt (0: of all), and how many
//   static constexpr bool may_be_zero();              can Wt be 0? Then an encoder that derives its values from Wt
//                                                     refuses to be composed with it
//   void hint(state&, float wt) const;                optional: the coordinator knows a Wt to start with
//   size_t room(const state&, const gate_report& last) const;
//                                                     optional: the most bytes that this pass may write, asked after next().
//                                                     What finds no room stays, and the next scan starts there. 0: nothing
//                                                     leaves; other rooms under 24 bytes may be too small for an encoder's
//                                                     header and one coordinate
//   float keep(const state&) const;                   optional: what an emitted cell may keep, in multiples of Wt, >= 1, asked
//                                                     after next(). What is beyond is written off, and counted
//
// Promise: O(N), no sort; Wt can rise and fall; never a deadlock (an empty update is a valid frame).
#pragma once

#include <weir/core/meta.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// What the last pass of a gate showed.
struct gate_report {
  uint32_t rounds;  ///< passes so far; 0: the other members say nothing yet
  float wt;         ///< Wt of that pass, in the scale of the weights; within what weights and cells can be
  index_t cells;    ///< weights; known from the first pass on
  index_t hits;     ///< emitted coordinates
  size_t bytes;     ///< of the body
  bool full;        ///< the frame, or the threshold's room(), was too small for all that passed
  index_t clipped;  ///< emitted cells that kept more than the threshold's keep(), and lost what was beyond

  gate_report() = default;  // no initialiser: nodes are all zero until begin()
  constexpr gate_report(uint32_t rounds_, float wt_, index_t cells_, index_t hits_, size_t bytes_, bool full_,
                        index_t clipped_ = 0) noexcept
      : rounds(rounds_), wt(wt_), cells(cells_), hits(hits_), bytes(bytes_), full(full_), clipped(clipped_) {}
};

/// What mean.above(wt) says.
struct magnitudes_above {
  float mean;     ///< in the scale of the weights; 0 if there are none
  index_t count;  ///< cells
};

namespace detail {

struct any_mean {
  float operator()() const noexcept { return 1; }
};

template <class T, class = void>
struct threshold_has_state : false_type {};
template <class T>
struct threshold_has_state<T, void_t<typename T::state, bool_constant<T::may_be_zero()>>> : true_type {};

template <class T, class = void>
struct threshold_has_next : false_type {};
template <class T>
struct threshold_has_next<T, void_t<decltype(static_cast<float>(declval<const T&>().next(
                                 declval<typename T::state&>(), declval<const gate_report&>(), any_mean())))>>
    : true_type {};

template <class T, class = void>
struct threshold_has_hint : false_type {};
template <class T>
struct threshold_has_hint<T, void_t<decltype(declval<const T&>().hint(declval<typename T::state&>(), 1.0f))>>
    : true_type {};

template <class T, class = void>
struct threshold_has_room : false_type {};
template <class T>
struct threshold_has_room<
    T, void_t<decltype(declval<const T&>().room(declval<const typename T::state&>(), declval<const gate_report&>()))>>
    : true_type {};

template <class T, class = void>
struct threshold_has_keep : false_type {};
template <class T>
struct threshold_has_keep<
    T, void_t<decltype(static_cast<float>(declval<const T&>().keep(declval<const typename T::state&>())))>>
    : true_type {};

template <class M, class = void>
struct mean_has_above : false_type {};
template <class M>
struct mean_has_above<M, void_t<decltype(declval<const M&>().above(1.0f))>> : true_type {};

/// The most bytes that this pass may write, `most` or what the threshold says.
template <class T>
auto threshold_room(const T& threshold, const typename T::state& s, const gate_report& last, size_t most, int) noexcept
    -> decltype(static_cast<size_t>(threshold.room(s, last))) {
  const size_t room = threshold.room(s, last);
  return room < most ? room : most;
}
template <class T>
size_t threshold_room(const T&, const typename T::state&, const gate_report&, size_t most, long) noexcept {
  return most;
}

template <class T>
struct require_threshold {
  static_assert(threshold_has_state<T>::value,
                "weir: Threshold needs `struct state`, its memory, and constexpr `may_be_zero()`; "
                "see weir/policy/threshold.hpp");
  static_assert(threshold_has_next<T>::value,
                "weir: Threshold needs `float next(state&, const gate_report& last, Mean&& mean) const`, returning Wt; "
                "see weir/policy/threshold.hpp");
};

}  // namespace detail

/// True when T meets every requirement of the threshold policy.
template <class T>
struct is_threshold : bool_constant<detail::threshold_has_state<T>::value && detail::threshold_has_next<T>::value> {};

#if WEIR_HAS_CONCEPTS
template <class T>
concept threshold = is_threshold<T>::value;
#endif

}  // namespace WEIR_ABI
}  // namespace weir
