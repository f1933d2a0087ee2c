// SPDX-License-Identifier: MIT
// The contract of a runner: it does the segments of a large model, one after the other or several at the same time.
//
//   template <class Task> void run(uint8_t count, Task&& task) const;
//                                          task(i) once for each i in [0, count), in any order, on any threads; back when
//                                          all are done, and then the caller sees what they have written
//   static constexpr bool concurrent();    true: two of them may be at work at the same time
//
// A runner is a plain value, copied with the encoder that holds it: threads belong to somebody else, and it points there.
// Tasks throw nothing, and do not call the runner.
#pragma once

#include <weir/core/meta.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

struct any_task {
  void operator()(uint8_t) const noexcept {}
};

template <class R, class = void>
struct runner_has_run : false_type {};
template <class R>
struct runner_has_run<R, void_t<decltype(declval<const R&>().run(uint8_t(), declval<const any_task&>()))>> : true_type {
};

template <class R, class = void>
struct runner_has_concurrent : false_type {};
template <class R>
struct runner_has_concurrent<R, void_t<bool_constant<R::concurrent()>>> : true_type {};

template <class R>
struct require_runner {
  static_assert(runner_has_run<R>::value,
                "weir: Runner needs `template <class Task> void run(uint8_t count, Task&& task) const`; "
                "see weir/policy/runner.hpp");
  static_assert(runner_has_concurrent<R>::value,
                "weir: Runner needs `static constexpr bool concurrent()`; see weir/policy/runner.hpp");
};

}  // namespace detail

/// True when R meets every requirement of the runner policy.
template <class R>
struct is_runner : bool_constant<detail::runner_has_run<R>::value && detail::runner_has_concurrent<R>::value> {};

#if WEIR_HAS_CONCEPTS
template <class R>
concept runner = is_runner<R>::value;
#endif

}  // namespace WEIR_ABI
}  // namespace weir
