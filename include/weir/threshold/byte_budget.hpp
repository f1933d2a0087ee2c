// SPDX-License-Identifier: MIT
#pragma once

#include <weir/core/float_bits.hpp>
#include <weir/policy/threshold.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// A body has so many bytes on average. Two loops keep it there:
///
/// An account of unspent bytes (a token bucket) bounds every frame, whatever Wt is: each pass pays `bytes` in, ten times
/// that is the most it holds, and room() is what is in it. So 20 passes write at most 29 budgets, less than 1.5 each. Of
/// a budget under 3 bytes that is not so: one smallest body may always leave when it has been saved for.
///
/// Wt follows what was written: Wt *= exp(gain * (bytes / wanted - 1)), so that ln(Wt) adds up what was too much, and the
/// mean is what is wanted. The gain is low: when Wt changes, what passes changes at once by 7 to 15 times as much (the
/// tail is steep, and what has just passed is missing above Wt), but in the long run in proportion to 1 / Wt. A high gain
/// swings between nothing and a hundred times the wanted. The first passes have more of it, to find the place. What the
/// limit for single frames takes from the mean, and what a falling Wt lags behind, the account shows and corrects.
///
/// It starts where an exponential distribution of magnitudes would have Wt (SIDCo, Abdelmoniem et al., MLSys 2021): rather
/// low for a real residual, many of whose cells are always zero. Where Wt is far off for long, it starts there again.
/// RAM: 12 bytes (9 on AVR). Time: a few operations; the mean of the residual at the start, and at every eighth pass while
/// Wt is far off.
struct byte_budget {
  float bytes;  ///< of the body, on average, > 0; with `segmented` at least 4 for each segment

  constexpr explicit byte_budget(float bytes_) noexcept : bytes(bytes_) {}

  struct state {
    float wt;       // 0: not started
    float account;  // unspent bytes
    uint8_t age;    // passes since the start, up to 255
  };
  static constexpr bool may_be_zero() noexcept { return false; }
  /// Less is not given, but saved for the next pass: header and one coordinate have 8 to 16 bytes.
  static constexpr uint8_t least_room() noexcept { return 12; }
  /// So much can be saved up and leave at once, however small the budget is.
  static constexpr uint8_t smallest_body() noexcept { return 24; }

  template <class Mean>
  float next(state& s, const gate_report& last, Mean&& mean) const noexcept {
    settle(s, last);
    if (!(s.wt > 0)) {
      s.wt = start(mean(), last.cells);
      s.age = 0;
      return s.wt > 0 ? s.wt : waiting();  // an empty residual: ask again next time
    }
    if (last.rounds == 0) return s.wt;
    if (last.wt > 0 && last.wt < s.wt) s.wt = last.wt;  // cells hold no more

    const bool silent = last.hits == 0 && s.account >= most_saved();
    const bool flooded = last.full && s.account < 2.0f * bytes + smallest_body();
    if ((silent || flooded) && last.rounds % look_every() == 0) {
      const float fresh = start(mean(), last.cells);
      if (silent ? fresh > 0 && fresh < 0.5f * s.wt : fresh > 2.0f * s.wt) {
        s.age = 0;
        return s.wt = fresh;
      }
      if (silent && fresh > 0 && !(last.wt > s.wt)) s.wt *= 0.5f;
    }
    if (silent) return checked(s);                        // an idle fleet does not lose its Wt
    if (!(last.full && last.hits == 0)) adjust(s, last);  // without room for one nothing was seen
    return checked(s);
  }

  size_t room(const state& s, const gate_report&) const noexcept {
    if (!(s.account >= least_room())) return 0;
    float most = at_least_one_body(4.0f * bytes);  // no more at once, whatever has been saved
    if (s.account < most) most = s.account;
    const float any = sizeof(size_t) == 2 ? 65535.0f : 4.0e9f;
    return most < any ? static_cast<size_t>(most) : static_cast<size_t>(any);
  }

  /// A start without a look at the residual; once started it goes its own way.
  void hint(state& s, float wt) const noexcept {
    if (!(s.wt > 0)) s.wt = wt;
  }

 private:
  static constexpr float gain() noexcept { return 0.05f; }
  static constexpr float early_gain() noexcept { return 0.2f; }
  static constexpr float account_gain() noexcept { return 0.03f; }
  /// A frame of three budgets or more, or a full one: beyond, size says nothing of how far Wt is off.
  static constexpr float most_excess() noexcept { return 2.0f; }
  static constexpr uint8_t look_every() noexcept { return 8; }
  /// More than any residual.
  static constexpr float waiting() noexcept { return 3.0e38f; }
  static constexpr float at_least_one_body(float v) noexcept { return v > smallest_body() ? v : smallest_body(); }
  float most_saved() const noexcept { return at_least_one_body(10.0f * bytes); }

  /// Pays in for this pass, and books the last one.
  void settle(state& s, const gate_report& last) const noexcept {
    if (last.rounds == 0)
      s.account = 0.5f * most_saved();
    else
      s.account += bytes - static_cast<float>(last.bytes);
    if (!(s.account < most_saved())) s.account = most_saved();
    if (s.account < -most_saved()) s.account = -most_saved();  // by a gate that does not ask for room
  }

  void adjust(state& s, const gate_report& last) const noexcept {
    float excess = static_cast<float>(last.bytes) / bytes - 1.0f;
    if (last.full || excess > most_excess()) excess = most_excess();
    const float tens = 0.1f * static_cast<float>(s.age);
    if (s.age != 255) ++s.age;
    const float saved = s.account / (0.5f * most_saved()) - 1.0f;  // half full is where it should be
    const float step = (gain() + early_gain() / (1.0f + tens * tens)) * excess - account_gain() * saved;
    if (step < 0 && last.wt > s.wt) return;      // weights have a unit, and less cannot be sent: wait there
    s.wt *= 1.0f + step * (1.0f + 0.5f * step);  // exp(step), for |step| < 0.6 within 3 %
  }

  /// Out of range: start again.
  static float checked(state& s) noexcept {
    if (!(s.wt >= 1.0e-30f && s.wt <= waiting())) s.wt = 0;
    return s.wt > 0 ? s.wt : waiting();
  }

  /// -mean|r| ln(density), where the density is that of a ternary frame of so many bytes: 3 of header, then for each
  /// coordinate log2(1 / density) + 1.5 bits of position, and a sign. 0: there is nothing, or no number, to start from.
  float start(float mean, index_t cells) const noexcept {
    const float bits = 8.0f * (bytes > 4.0f ? bytes - 3.0f : 1.0f);
    float gap = 10.0f;  // log2(1 / density); three turns of its equation are enough
    for (uint8_t turn = 0; turn < 3; ++turn) {
      const float density = bits / ((gap + 2.5f) * static_cast<float>(cells));
      gap = -rough_log2(density < 0.9f ? (density > 1.0e-6f ? density : 1.0e-6f) : 0.9f);
    }
    const float wt = mean * 0.6931472f * gap;
    return wt > 0 && wt <= waiting() ? wt : 0.0f;
  }
};

}  // namespace WEIR_ABI
}  // namespace weir
