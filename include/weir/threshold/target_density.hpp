// SPDX-License-Identifier: MIT
#pragma once

#include <weir/threshold/settling.hpp>
#include <weir/threshold/starting_wt.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// The Wt that lets a wanted share of the weights pass: found at the start (starting_wt), and then kept, as still as it
/// can be, so that the mean of hits is what is wanted (settling). Less than one hit a pass may be wanted. While the
/// residual is empty it waits.
/// RAM: 12 bytes (9 on AVR). Time: a few operations; three passes over the residual at the start, and at every eighth pass
/// while Wt is far off.
struct target_density {
  float density;  ///< emitted coordinates / weights, in [0.000001, 0.9]; beyond, the nearest of them counts

  constexpr explicit target_density(float density_) noexcept : density(density_) {}

  typedef detail::settling::state state;
  static constexpr bool may_be_zero() noexcept { return false; }

  template <class Mean>
  float next(state& s, const gate_report& last, Mean&& mean) const noexcept {
    const float share = wanted();
    const float hits = share * static_cast<float>(last.cells);
    const float unit = hits > few() ? hits : few();
    const float seen = static_cast<float>(last.hits);
    // In the ratio of the wanted share to its root: far off, whatever the distribution.
    const float ratio = seen / unit;
    const bool flooded = ratio * ratio * share > 1.0f || (last.full && detail::settling::time_to_look(last));
    return detail::settling(hits, unit, most_owed() * unit).next(s, last, seen, flooded, [&] {
      return detail::starting_wt(mean, last.cells, share);
    });
  }

  /// A start without a look at the residual; once started it goes its own way.
  void hint(state& s, float wt) const noexcept { detail::settling::hint(s, wt); }

 private:
  /// Passes that can be owed, or had too many. With more Wt is steadier, with less a rest is seen sooner.
  static constexpr float most_owed() noexcept { return 6.0f; }
  /// By chance so many vary by a third; fewer say too little of Wt.
  static constexpr float few() noexcept { return 8.0f; }
  float wanted() const noexcept { return density >= 1e-6f ? (density < 0.9f ? density : 0.9f) : 1e-6f; }
};

}  // namespace WEIR_ABI
}  // namespace weir
