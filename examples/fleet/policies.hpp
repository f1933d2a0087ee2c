// SPDX-License-Identifier: MIT
// Policies that are chosen when the program runs, out of the library's own. A firmware names its policies and
// the compiler drops what it does not use; a program with options picks here, so that it needs few instantiations.
#pragma once

#include <cstdint>

#include <weir/weir.hpp>

namespace fleet {

enum class schedule { constant, step, cosine };

struct any_rate {
  schedule kind;
  float rate;           ///< at step 0
  std::uint32_t steps;  ///< of the whole run

  float at(std::uint32_t step) const noexcept {
    switch (kind) {
      case schedule::step: return weir::step_rate(rate, steps / 3 + 1, 0.1f).at(step);  // a tenth after each third
      case schedule::cosine: return weir::cosine_rate(rate, steps).at(step);
      case schedule::constant: break;
    }
    return rate;
  }
};

/// sgd (which is momentum with mu = 0), momentum or nesterov, with weight decay, masked or not.
struct any_optimizer : weir::decayed<weir::basic_momentum<any_rate>> {
  bool look_ahead;  ///< nesterov
  bool masks;

  any_optimizer(any_rate rate_, float mu_, float decay, bool look_ahead_, bool masks_) noexcept
      : decayed(weir::basic_momentum<any_rate>(rate_, mu_), decay), look_ahead(look_ahead_), masks(masks_) {}

  template <class State, class Into, class Weight>
  void begin(State& s, Into& into, const Weight* weights, std::uint32_t step) const noexcept {
    if (look_ahead) nesterov().begin(s, into, weights, step);
    if (lambda != 0) decayed::begin(s, into, weights, step);
  }
  template <class State, class Into>
  void fold(State& s, Into& into, std::uint32_t step, weir::index_t first, weir::index_t n) const noexcept {
    if (look_ahead)
      nesterov().fold(s, into, step, first, n);
    else
      decayed::fold(s, into, step, first, n);
  }
  template <class State>
  void forget(State& s, weir::index_t i) const noexcept {
    if (masks) decayed::forget(s, i);
  }

 private:
  weir::basic_nesterov<any_rate> nesterov() const noexcept { return weir::basic_nesterov<any_rate>(rate, mu); }
};

/// With a correction of drift, or, where its share is 0, without.
struct any_corrected : weir::drift_corrected<any_optimizer> {
  using drift_corrected::drift_corrected;

  template <class State, class Into, class Weight>
  void begin(State& s, Into& into, const Weight* weights, std::uint32_t step) const noexcept {
    if (share > 0)
      drift_corrected::begin(s, into, weights, step);
    else
      any_optimizer::begin(s, into, weights, step);
  }
  template <class State, class Into>
  void fold(State& s, Into& into, std::uint32_t step, weir::index_t first, weir::index_t n) const noexcept {
    if (share > 0)
      drift_corrected::fold(s, into, step, first, n);
    else
      any_optimizer::fold(s, into, step, first, n);
  }
  template <class State>
  void received(State& s, weir::index_t i, float v) const noexcept {
    if (share > 0) drift_corrected::received(s, i, v);
  }
};

/// With a limit on the length of gradients.
using any_limited = weir::clipped_in_buffer<any_optimizer>;

enum class crest { always, fixed, density };

/// Of what kind, and Wt or the density.
struct threshold_choice {
  crest kind;
  float value;
};

/// MayBeZero: `always` can be chosen, so encoders that take their values from Wt cannot be used.
template <bool MayBeZero>
struct any_threshold {
  threshold_choice choice;
  float clip;  ///< limit for what an emitted cell keeps, in multiples of Wt; 0: none

  using state = weir::target_density::state;
  static constexpr bool may_be_zero() noexcept { return MayBeZero; }

  template <class Mean>
  float next(state& s, const weir::gate_report& last, Mean&& mean) const noexcept {
    weir::fixed_wt::state none;
    if (choice.kind == crest::density) return weir::target_density(choice.value).next(s, last, mean);
    if (choice.kind == crest::fixed) return weir::fixed_wt(choice.value).next(none, last, mean);
    return 0.0f;
  }
  float keep(const state&) const noexcept { return clip > 0 ? clip : 1e30f; }
};

/// Keeps the last thing it was told.
struct keep_last {
  weir::observation* last;
  void operator()(const weir::observation& o) const noexcept { *last = o; }
};
/// weir::observe, where there is somewhere to keep it.
struct any_observer : weir::observe<keep_last> {
  explicit any_observer(weir::observation* last = nullptr) noexcept : observe(keep_last{last}) {}

  template <class State>
  void emitted(State& s, weir::index_t i) const noexcept {
    if (sink.last != nullptr) observe::emitted(s, i);
  }
  template <class State, class Residual>
  void passed(State& s, std::uint16_t round, const weir::gate_report& report, const Residual& residual) const noexcept {
    if (sink.last != nullptr) observe::passed(s, round, report, residual);
  }
};

}  // namespace fleet
