// SPDX-License-Identifier: MIT
#pragma once

#include <weir/local/accumulate_only.hpp>
#include <weir/observer/observe_nothing.hpp>
#include <weir/policy/encoder.hpp>
#include <weir/policy/local.hpp>
#include <weir/policy/optimizer.hpp>
#include <weir/policy/saving.hpp>
#include <weir/policy/threshold.hpp>
#include <weir/policy/transport.hpp>
#include <weir/storage/save_nothing.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

// Checked before any member of the pipeline is looked at, so that the first error is the sentence.
template <class Optimizer, class Threshold, class Encoder, class Transport, class Local, class Down, class Saving,
          class Observer>
struct require_pipeline : require_optimizer<Optimizer>,
                          require_threshold<Threshold>,
                          require_encoder<Encoder>,
                          require_transport<Transport>,
                          require_local<Local>,
                          require_saving<Saving>,
                          require_observer<Observer> {
  static_assert(is_encoder<Down>::value,
                "weir: the encoder of broadcasts (the pipeline's parameter Down) is not an encoder; "
                "see weir/policy/encoder.hpp");
  static_assert(!(Threshold::may_be_zero() && Encoder::needs_wt()),
                "weir: this encoder takes its values from Wt, and this threshold has none; use dense32, sparse32 or "
                "sparse16, natural, one_bit or levels with `always`, or another threshold");
};

}  // namespace detail

/// A worker's way from gradient to wire, composed of policies: values that hold hyper-parameters. Down decodes the
/// coordinator's broadcasts; unless said otherwise they are encoded like updates. Saving says what outlasts a reset, Observer
/// who is told of each pass of the gate.
///
///   using pipe = weir::pipeline<weir::sgd, weir::target_density, weir::ternary, weir::arduino_stream>;
template <class Optimizer, class Threshold, class Encoder, class Transport, class Local = accumulate_only,
          class Down = Encoder, class Saving = save_nothing, class Observer = observe_nothing>
struct pipeline
    : private detail::require_pipeline<Optimizer, Threshold, Encoder, Transport, Local, Down, Saving, Observer>,
      private Saving,  // bases: empty ones take no room
      private Observer {
  typedef Optimizer optimizer_type;
  typedef Threshold threshold_type;
  typedef Encoder encoder_type;
  typedef Transport transport_type;
  typedef Local local_type;
  typedef Down down_type;
  typedef Saving saving_type;
  typedef Observer observer_type;

  Optimizer optimizer;
  Threshold threshold;
  Encoder encoder;
  Transport transport;
  Local local;

  pipeline(Optimizer optimizer_, Threshold threshold_, Encoder encoder_, Transport transport_, Local local_ = Local(),
           Saving saving_ = Saving(), Observer observer_ = Observer()) noexcept
      : Saving(saving_),
        Observer(observer_),
        optimizer(optimizer_),
        threshold(threshold_),
        encoder(encoder_),
        transport(transport_),
        local(local_) {}

  Saving& saving() noexcept { return *this; }
  const Saving& saving() const noexcept { return *this; }
  const Observer& observer() const noexcept { return *this; }
};

}  // namespace WEIR_ABI
}  // namespace weir
