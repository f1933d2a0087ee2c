// SPDX-License-Identifier: MIT
// What the nodes of one fleet have in common.
#pragma once

#include <weir/core/fingerprint.hpp>
#include <weir/core/number.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// Which worker a device is: in [0, ranks).
struct rank_t {
  uint16_t value;
  constexpr explicit rank_t(uint16_t value_) noexcept : value(value_) {}
};

/// What the members of a fleet must agree on: model, weight unit, and the wire formats of both ways.
template <class Number, class Model, class Up, class Down>
constexpr uint32_t fleet_fingerprint() noexcept {
  return mix(mix(mix(Model::fingerprint(), number<Number>::unit()), Up::id()), Down::id());
}

/// Where a worker stands with its coordinator.
enum class membership : uint8_t {
  joining,   ///< not answered yet
  fetching,  ///< the fleet's weights come in pieces
  member,    ///< takes part in rounds
  refused,   ///< the coordinator will not have it; see refusal()
  left       ///< it has said farewell
};

/// When the coordinator closes a round, and what it tells those that join.
struct fleet_terms {
  uint16_t ranks;        ///< workers, in [1, MaxRanks]
  uint16_t steps;        ///< K, batches to a round; 0: as each worker likes
  uint32_t deadline_ms;  ///< a round closes at this age although ranks are missing; 0: it waits
  float wt;              ///< a Wt to start with, for thresholds with a hint (densities and budgets); 0: none
  uint16_t quorum;       ///< a round closes when so many ranks have been counted; 0: all

  fleet_terms() = default;  // says nothing: a coordinator is all-zero until begin()
  constexpr fleet_terms(uint16_t ranks_, uint16_t steps_, uint32_t deadline_ms_, float wt_,
                        uint16_t quorum_ = 0) noexcept
      : ranks(ranks_), steps(steps_), deadline_ms(deadline_ms_), wt(wt_), quorum(quorum_) {}
};

namespace detail {

/// Nobody else wants to know.
struct tell_nobody {
  template <class Value>
  void operator()(index_t, Value) const noexcept {}
};

/// Where a decoded broadcast goes: each value leaves its weight. Unless `live`, nothing moves: it is only looked at.
template <class Weight, class Value, class Told = tell_nobody>
struct apply_to {
  Weight* weights;
  bool live;
  Told told;
  void operator()(index_t i, Value v) const noexcept {
    if (!live) return;
    subtract(weights[i], v);
    told(i, v);
  }
  void fetch(index_t i) const noexcept { __builtin_prefetch(weights + i, 1); }
};

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
