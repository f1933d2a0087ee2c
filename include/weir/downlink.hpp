// SPDX-License-Identifier: MIT
#pragma once

#include <weir/observer/observe_nothing.hpp>
#include <weir/policy/aggregation.hpp>
#include <weir/policy/encoder.hpp>
#include <weir/policy/threshold.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// The way down, composed of policies: how updates become one, what of it passes, how that is encoded. Up decodes what
/// workers send. Observer is told of each pass of the coordinator's gate.
template <class Up, class Aggregation, class Threshold, class Down = Up, class Observer = observe_nothing>
struct downlink : private detail::require_aggregation<Aggregation>,
                  private detail::require_threshold<Threshold>,
                  private detail::require_encoder<Down>,
                  private detail::require_observer<Observer>,
                  private Observer {  // a base: an empty one takes no room
  static_assert(
      is_encoder<Up>::value,
      "weir: the encoder of updates (downlink's first parameter) is not an encoder; see weir/policy/encoder.hpp");
  static_assert(!(Threshold::may_be_zero() && Down::needs_wt()),
                "weir: this encoder takes its values from Wt, and this threshold has none; use dense32, sparse32 or "
                "sparse16, natural, one_bit or levels with `always`, or another threshold");
  typedef Up up_type;
  typedef Aggregation aggregation_type;
  typedef Threshold threshold_type;
  typedef Down down_type;
  typedef Observer observer_type;

  Aggregation aggregation;
  Threshold threshold;
  Down encoder;

  downlink(Aggregation aggregation_, Threshold threshold_, Down encoder_, Observer observer_ = Observer()) noexcept
      : Observer(observer_), aggregation(aggregation_), threshold(threshold_), encoder(encoder_) {}

  const Observer& observer() const noexcept { return *this; }
};

}  // namespace WEIR_ABI
}  // namespace weir
