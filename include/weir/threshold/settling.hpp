// SPDX-License-Identifier: MIT
// The controller of target_density and byte_budget: a Wt that settles.
#pragma once

#include <weir/policy/threshold.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// A constant Wt is the best one (Sahu et al., NeurIPS 2021): what it should be is found once, and then it hardly moves.
/// Two slow loops see to that:
///
/// Wt follows what passes, hits or bytes: Wt *= exp(gain * (seen - wanted) / unit), so that ln(Wt) adds up what was too
/// much, and the mean is what is wanted. The gain is low: when Wt changes, what passes changes at once by 7 to 15 times
/// as much (the tail is steep, and what has just passed is missing above Wt), but in the long run in proportion to
/// 1 / Wt. A high gain swings between nothing and a hundred times the wanted. The first passes have more of it, to
/// find the place. Where a pass is wanted to show but a few, or a part of one, `unit` is more than that: single hits then
/// say the less, and add up.
///
/// An account of what was wanted and not seen pulls Wt down, one that is overdrawn pulls it up: so the mean is also met
/// while the updates of a training fade, and Wt lags behind, and in spite of the limit for single passes.
///
/// No dead band: the low gain is what keeps Wt still. With one of 25 %, in stationary runs of 2,000 passes, exponential and
/// log-normal updates, 0.5 to 500 hits wanted, the deviation of ln(Wt) is 0.010 to 0.060; without it 0.007 to 0.056.
///
/// Where Wt is far off it starts again: when far too much passes, or nothing for long.
struct settling {
  float wanted;      ///< in a pass, > 0
  float unit;        ///< such an excess moves ln(Wt) by the gain; >= wanted
  float most_saved;  ///< what the account holds at most; it owes no more than that, either

  struct state {
    float wt;       // 0: not started
    float account;  // wanted and not seen
    uint8_t age;    // passes since the start, up to 255
  };

  constexpr settling(float wanted_, float unit_, float most_saved_) noexcept
      : wanted(wanted_), unit(unit_), most_saved(most_saved_) {}

  /// A silent residual, and one that floods a frame, is looked at in every eighth pass: a look is a pass or three.
  static constexpr bool time_to_look(const gate_report& last) noexcept { return last.rounds % 8 == 0; }

  /// What the last pass showed; start() looks at the residual, 0 if it is empty. `flooded`: Wt may be far too low.
  template <class Start>
  float next(state& s, const gate_report& last, float seen, bool flooded, const Start& start) const noexcept {
    book(s, last, seen);
    const bool started = s.wt > 0;
    if (started && last.rounds == 0) return s.wt;
    if (started && last.wt > 0 && last.wt < s.wt) s.wt = last.wt;  // cells hold no more
    const bool silent = last.hits == 0 && !(s.account < most_saved);
    if (!started || (silent ? time_to_look(last) : flooded)) {
      const float fresh = start();
      if (!started || (silent ? fresh > 0 && fresh < 0.5f * s.wt : fresh > 2.0f * s.wt)) return begin(s, fresh);
      if (silent && fresh > 0 && !(last.wt > s.wt)) s.wt *= silent_step();
    }
    // An idle fleet does not lose its Wt; and without room for a single hit nothing was seen.
    if (!silent && !(last.full && last.hits == 0)) adjust(s, last, seen);
    if (!(s.wt >= 1.0e-30f && s.wt <= waiting())) return begin(s, 0);
    return s.wt;
  }

  /// A start without a look at the residual; once started it goes its own way.
  static void hint(state& s, float wt) noexcept {
    if (!(s.wt > 0)) s.wt = wt;
  }

 private:
  static constexpr float late_gain() noexcept { return 0.03f; }
  static constexpr float early_gain() noexcept { return 0.22f; }
  static constexpr float account_gain() noexcept { return 0.01f; }
  /// The age, and so the gain, with which Wt leaves the least that can be sent.
  static constexpr uint8_t waits_at() noexcept { return 10; }
  /// Three times the wanted or more, or a full frame: beyond, the amount says nothing of how far Wt is off.
  static constexpr float most_excess() noexcept { return 2.0f; }
  /// In every eighth pass, while there is what to send and nothing passes. A step of half would let half of a residual
  /// out at once, when updates have become small.
  static constexpr float silent_step() noexcept { return 0.8f; }
  /// More than any residual.
  static constexpr float waiting() noexcept { return 3.0e38f; }

  __attribute__((noinline)) static float begin(state& s, float wt) noexcept {
    s.wt = wt;
    s.age = 0;
    return wt > 0 ? wt : waiting();  // an empty residual: ask again next time
  }

  /// Pays in for this pass, and books the last one.
  void book(state& s, const gate_report& last, float seen) const noexcept {
    if (last.rounds == 0)
      s.account = 0.5f * most_saved;
    else
      s.account += wanted - seen;
    if (!(s.account < most_saved)) s.account = most_saved;
    if (s.account < -most_saved) s.account = -most_saved;
  }

  __attribute__((noinline)) void adjust(state& s, const gate_report& last, float seen) const noexcept {
    float excess = (seen - wanted) / unit;
    if (last.full || excess > most_excess()) excess = most_excess();
    const float tens = 0.1f * static_cast<float>(s.age);
    if (s.age != 255) ++s.age;
    // Nothing at all may be the beginning of a rest: no hurry.
    const float gain = last.hits == 0 ? late_gain() : late_gain() + early_gain() / (1.0f + tens * tens);
    const float saved = s.account / (0.5f * most_saved) - 1.0f;  // half full is where it should be
    const float step = gain * excess - account_gain() * saved;
    if (last.wt > s.wt) {  // weights have a unit, and less cannot be sent: wait there, the place is not found yet
      if (step < 0) {
        if (s.age > waits_at()) s.age = waits_at();
        return;
      }
      s.wt = last.wt;
    }
    s.wt *= 1.0f + step * (1.0f + 0.5f * step);  // exp(step), for |step| < 0.6 within 3 %
  }
};

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
