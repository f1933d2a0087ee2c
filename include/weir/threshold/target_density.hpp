// SPDX-License-Identifier: MIT
#pragma once

#include <weir/core/float_bits.hpp>
#include <weir/policy/threshold.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// The Wt that lets a wanted share of the weights pass. It starts where an exponential distribution of magnitudes
/// would have it, Wt = -mean|r| ln(density) (SIDCo, Abdelmoniem et al., MLSys 2021), and then follows what passes: Wt is
/// multiplied by 1 + (hits / wanted - 1) / (2 ln(1 / density)), half of the way that such a distribution asks for, and
/// stays where it is while hits are within a quarter of what is wanted. (Linear in hits: what passes comes in waves, and
/// their mean is what is wanted.) (What has just passed is missing above Wt: a
/// residual answers to a change of Wt many times over, and only later evens out. The square root, say, swings between
/// nothing and a hundred times the wanted.) Where Wt is far off, it starts again. While the residual is empty it waits.
struct target_density {
  float density;  ///< emitted coordinates / weights, in [0.000001, 0.9]; beyond, the nearest of them counts

  constexpr explicit target_density(float density_) noexcept : density(density_) {}

  struct state {
    float wt;  // 0: not started
  };
  static constexpr bool may_be_zero() noexcept { return false; }

  template <class Mean>
  float next(state& s, const gate_report& last, Mean&& mean) const noexcept {
    if (!(s.wt > 0)) {
      s.wt = start(mean());
      return s.wt > 0 ? s.wt : waiting();  // an empty residual: ask again next time
    }
    if (last.rounds == 0) return s.wt;
    // One more on both sides: a single wanted hit that does not come is no sign that Wt is too high.
    const float share = wanted();
    float ratio = (static_cast<float>(last.hits) + 1.0f) / (share * static_cast<float>(last.cells) + 1.0f);
    if (last.full && ratio < 4.0f) ratio = 4.0f;  // who knows how many more would have passed
    if (last.hits == 0 || last.full || ratio * ratio * share > 1.0f) {
      const float fresh = start(mean());
      if (!(fresh > 0)) return s.wt;
      if (last.hits == 0 ? fresh < 0.5f * s.wt : fresh > 2.0f * s.wt) return s.wt = fresh;
    }
    if (ratio > 0.8f && ratio < 1.25f) return s.wt;
    if (ratio < 1.0f && last.wt > s.wt) return s.wt;  // weights have a unit, and less cannot be sent: wait there
    if (ratio > 6.0f) ratio = 6.0f;
    const float factor = 1.0f + 0.5f * (ratio - 1.0f) / log_of_wanted();
    s.wt *= factor < 0.5f ? 0.5f : (factor > 2.0f ? 2.0f : factor);
    if (!(s.wt >= 1.0e-30f && s.wt <= 3.0e38f)) s.wt = 0;  // out of range: start again
    return s.wt > 0 ? s.wt : waiting();
  }

  /// A start without a look at the residual; once started it goes its own way.
  void hint(state& s, float wt) const noexcept {
    if (!(s.wt > 0)) s.wt = wt;
  }

 private:
  float wanted() const noexcept { return density >= 1e-6f ? (density < 0.9f ? density : 0.9f) : 1e-6f; }
  /// ln(1 / density), roughly; above 0.1.
  float log_of_wanted() const noexcept { return -0.6931472f * rough_log2(wanted()); }
  /// More than any residual.
  static constexpr float waiting() noexcept { return 3.0e38f; }
  /// 0: there is nothing, or no number, to start from.
  float start(float mean) const noexcept {
    const float wt = mean * log_of_wanted();
    return wt > 0 && wt <= 3.0e38f ? wt : 0.0f;
  }
};

}  // namespace WEIR_ABI
}  // namespace weir
