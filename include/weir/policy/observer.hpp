// SPDX-License-Identifier: MIT
// The contract of an observer: it is told what every pass of a node's gate did, and changes nothing.
//
//   template <index_t N> struct state;   all the RAM it needs for N weights, all-zero at first; empty if it can be
//   void emitted(State&, index_t i) const;
//                                        coordinate i leaves with this pass. Not where Wt is 0: then all do. With a
//                                        runner of several threads they all call it, no two for one coordinate
//   void passed(State&, uint16_t round_number, const gate_report&, const Residual&) const;
//                                        the pass is over. round_number: a worker's is the round whose broadcast its
//                                        weights have, a coordinator's the one that it closes. Residual is what stays:
//                                        size(), and magnitude(i), in the scale of the weights
//
// State and Residual are template parameters. The residual is read where it lies, so an observer that does not look at
// it costs nothing for it.
#pragma once

#include <weir/policy/threshold.hpp>

namespace weir {
inline namespace WEIR_ABI {

namespace detail {

/// What stays after a pass, as an observer sees it.
template <class Cell, class Grid>
class left_over {
 public:
  left_over(const Cell* cells, index_t n, const Grid& grid) noexcept : cells_(cells), n_(n), grid_(grid) {}
  index_t size() const noexcept { return n_; }
  float magnitude(index_t i) const noexcept {
    typename Grid::sum s = 0;
    Grid::add_magnitude(s, cells_[i]);
    return grid_.sum_units(s);
  }

 private:
  const Cell* cells_;
  index_t n_;
  const Grid& grid_;
};

/// Forgets, and tells the observer.
template <class Observer, class State, class Forget>
struct forget_and_tell {
  const Observer& observer;
  State& state;
  Forget forget;
  void operator()(index_t i) noexcept {
    forget(i);
    observer.emitted(state, i);
  }
};

struct any_left_over {
  index_t size() const noexcept { return 0; }
  float magnitude(index_t) const noexcept { return 0; }
};

template <class O, class = void>
struct observer_has_state : false_type {};
template <class O>
struct observer_has_state<O, void_t<typename O::template state<4>>> : true_type {};

template <class O, class = void>
struct observer_has_emitted : false_type {};
template <class O>
struct observer_has_emitted<
    O, void_t<decltype(declval<const O&>().emitted(declval<typename O::template state<4>&>(), index_t()))>>
    : true_type {};

template <class O, class = void>
struct observer_has_passed : false_type {};
template <class O>
struct observer_has_passed<
    O, void_t<decltype(declval<const O&>().passed(declval<typename O::template state<4>&>(), uint16_t(),
                                                  declval<const gate_report&>(), declval<const any_left_over&>()))>>
    : true_type {};

template <class O>
struct require_observer {
  static_assert(observer_has_state<O>::value,
                "weir: Observer needs `template <index_t N> struct state`, its memory; see weir/policy/observer.hpp");
  static_assert(observer_has_emitted<O>::value,
                "weir: Observer needs `void emitted(state&, index_t i) const`; see weir/policy/observer.hpp");
  static_assert(observer_has_passed<O>::value,
                "weir: Observer needs `void passed(state&, uint16_t round_number, const gate_report&, const Residual&) "
                "const`; see weir/policy/observer.hpp");
};

}  // namespace detail

/// True when O meets every requirement of the observer policy.
template <class O>
struct is_observer : bool_constant<detail::observer_has_state<O>::value && detail::observer_has_emitted<O>::value &&
                                   detail::observer_has_passed<O>::value> {};

#if WEIR_HAS_CONCEPTS
template <class O>
concept observer = is_observer<O>::value;
#endif

}  // namespace WEIR_ABI
}  // namespace weir
