// SPDX-License-Identifier: MIT
#pragma once

#include <weir/threshold/settling.hpp>
#include <weir/threshold/starting_wt.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// A body has so many bytes on average. An account of unspent bytes (a token bucket) bounds every frame, whatever Wt is:
/// each pass pays `bytes` in, ten times that is the most it holds, and room() is what is in it. So 20 passes write at most 29
/// budgets, less than 1.5 each. Of a budget under 3 bytes that is not so: one smallest body may always leave when it has
/// been saved for. Wt follows what was written, and the account: settling has the two loops.
///
/// It starts where as many coordinates pass as a ternary frame of that size has (starting_wt).
/// RAM: 12 bytes (9 on AVR). Time: a few operations; three passes over the residual at the start, and at every eighth pass
/// while Wt is far off.
struct byte_budget {
  float bytes;  ///< of the body, on average, > 0; with `segmented` at least 4 for each segment

  constexpr explicit byte_budget(float bytes_) noexcept : bytes(bytes_) {}

  typedef detail::settling::state state;  // its account is in bytes
  static constexpr bool may_be_zero() noexcept { return false; }
  /// Less is not given, but saved for the next pass: header and one coordinate have 8 to 16 bytes.
  static constexpr uint8_t least_room() noexcept { return 12; }
  /// So much can be saved up and leave at once, however small the budget is.
  static constexpr uint8_t smallest_body() noexcept { return 24; }

  template <class Mean>
  float next(state& s, const gate_report& last, Mean&& mean) const noexcept {
    const bool flooded =
        last.full && detail::settling::time_to_look(last) && s.account < 2.0f * bytes + smallest_body();
    return detail::settling(bytes, at_least_one_body(bytes), most_saved())
        .next(s, last, static_cast<float>(last.bytes), flooded,
              [&] { return detail::starting_wt(mean, last.cells, density(last.cells)); });
  }

  size_t room(const state& s, const gate_report&) const noexcept {
    if (!(s.account >= least_room())) return 0;
    float most = at_least_one_body(4.0f * bytes);  // no more at once, whatever has been saved
    if (s.account < most) most = s.account;
    const float any = sizeof(size_t) == 2 ? 65535.0f : 4.0e9f;
    return most < any ? static_cast<size_t>(most) : static_cast<size_t>(any);
  }

  /// A start without a look at the residual; once started it goes its own way.
  void hint(state& s, float wt) const noexcept { detail::settling::hint(s, wt); }

 private:
  static constexpr float at_least_one_body(float v) noexcept { return v > smallest_body() ? v : smallest_body(); }
  float most_saved() const noexcept { return at_least_one_body(10.0f * bytes); }

  /// That of a ternary frame of so many bytes: 3 of header, then for each coordinate log2(1 / density) + 1.5 bits of
  /// position, and a sign.
  float density(index_t cells) const noexcept {
    const float bits = 8.0f * (bytes > 4.0f ? bytes - 3.0f : 1.0f);
    float share = 0;
    float gap = 10.0f;  // log2(1 / density); three turns of its equation are enough
    for (uint8_t turn = 0; turn < 3; ++turn) {
      share = bits / ((gap + 2.5f) * static_cast<float>(cells));
      share = share < 0.9f ? (share > 1.0e-6f ? share : 1.0e-6f) : 0.9f;
      gap = -rough_log2(share);
    }
    return share;
  }
};

}  // namespace WEIR_ABI
}  // namespace weir
