// SPDX-License-Identifier: MIT
// Both steps in one pass: what has risen to Wt leaves the residual, as bytes.
#pragma once

#include <weir/mean_magnitude.hpp>
#include <weir/scanner.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// Does the encoder ask for the mean magnitude of the residual? Optional: `Encoder::wants_mean(state)`.
template <class Encoder>
auto wants_mean(const typename Encoder::state& s, int) noexcept -> decltype(Encoder::wants_mean(s)) {
  return Encoder::wants_mean(s);
}
template <class Encoder>
constexpr bool wants_mean(const typename Encoder::state&, long) noexcept {
  return false;
}

}  // namespace detail

/// What a gate carries from pass to pass. All-zero at first.
template <class Threshold, class Encoder>
struct gate_state : Threshold::state {
  typename Encoder::state encoder;
  gate_report report;
  index_t start;  // the next scan begins here: where the last one found its frame full
};

namespace detail {

/// Wt of this pass over n cells. Leaves of `out` what the threshold lets it write.
template <class Threshold, class State, class Grid, class Mean>
float ask(const Threshold& threshold, State& s, index_t n, const Grid& grid, const Mean& mean, bytes& out) noexcept {
  s.report.cells = n;
  typename Threshold::state& own = s;
  const gate_report& last = s.report;
  const float wt = grid.sendable(threshold.next(own, last, mean));
  out = out.first(threshold_room(threshold, own, last, out.size(), 0));
  return wt;
}

}  // namespace detail

/// One pass over the residual: fold(first, n) brings each chunk up to date, cells that have risen to Wt go to the
/// encoder, forget(i) is told of each. Returns the size of the body in `out`; 0 is an empty update.
///
/// When the frame is full, or the threshold has no more room to give, the rest stays in the residual, and the next scan
/// starts there. Time: one pass, no sort; more when the threshold asks for mean magnitudes.
template <class Cell, class Grid, class Threshold, class Encoder, class Fold, class Forget>
size_t gate(Cell* residual, index_t n, const Grid& grid, const Threshold& threshold, const Encoder& encoder,
            gate_state<Threshold, Encoder>& s, bytes out, Fold&& fold, Forget&& forget) noexcept {
  const detail::mean_magnitude<Cell, Grid, typename remove_reference<Fold>::type> mean(residual, n, grid, fold);
  const float wt = detail::ask(threshold, s, n, grid, mean, out);
  const index_t expected = s.report.rounds != 0 ? s.report.hits : static_cast<index_t>(n / 128 + 1);
  const encode_request request(wt, n, s.start, expected, detail::wants_mean<Encoder>(s.encoder, 0) ? mean() : 0.0f);
  typename Encoder::template writer<Grid> writer(encoder, s.encoder, grid, request, out);
  index_t clipped = 0;
  const detail::scanned found = detail::scan(threshold, s, grid, wt, residual, n, s.start, writer, fold, forget,
                                             clipped, bool_constant<detail::threshold_has_keep<Threshold>::value>());

  const size_t size = writer.finish(s.encoder);
  const gate_report report = {
      s.report.rounds + 1 == 0 ? 1 : s.report.rounds + 1, wt, n, found.hits, size, found.full, clipped};
  s.report = report;
  s.start = found.stop;
  return size;
}

}  // namespace WEIR_ABI
}  // namespace weir
