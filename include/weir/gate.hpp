// SPDX-License-Identifier: MIT
// Both steps in one pass: what has risen to Wt leaves the residual, as bytes.
#pragma once

#include <weir/kernel/next_hit.hpp>
#include <weir/policy/encoder.hpp>
#include <weir/policy/threshold.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// Cells folded and scanned at a time: they are scanned while still in the first-level cache.
constexpr index_t gate_chunk() noexcept { return 2048; }

/// The mean magnitude of a residual, in the scale of the weights, when a threshold asks for it.
template <class Cell, class Grid, class Fold>
class mean_magnitude {
 public:
  mean_magnitude(const Cell* cells, index_t n, const Grid& grid, Fold& fold) noexcept
      : cells_(cells), n_(n), grid_(grid), fold_(fold) {}

  float operator()() const noexcept {
    fold_.all();
    float sum = 0;
    for (index_t i = 0; i < n_;) {
      typename Grid::sum part = 0;
      const index_t end = n_ - i > Grid::exact_magnitudes() ? static_cast<index_t>(i + Grid::exact_magnitudes()) : n_;
      for (; i < end; ++i) Grid::add_magnitude(part, cells_[i]);
      sum += grid_.sum_units(part);
    }
    return sum / static_cast<float>(n_);
  }

 private:
  const Cell* cells_;
  index_t n_;
  const Grid& grid_;
  Fold& fold_;
};

/// Nothing to fold before the gate: the coordinator's residual.
struct no_fold {
  void all() noexcept {}
  void operator()(index_t, index_t) noexcept {}
};
struct no_forget {
  void operator()(index_t) noexcept {}
};

}  // namespace detail

/// What a gate carries from pass to pass. All-zero at first.
template <class Threshold, class Encoder>
struct gate_state : Threshold::state {
  typename Encoder::state encoder;
  gate_report report;
  index_t start;  // the next scan begins here: where the last one found its frame full
};

/// One pass over the residual: fold(first, n) brings each chunk up to date, cells that have risen to Wt go to the
/// encoder, forget(i) is told of each. Returns the size of the body in `out`; 0 is an empty update.
///
/// When the frame is full the rest stays in the residual, and the next scan starts there. Time: one pass, no sort; a
/// second one when the threshold asks for the mean magnitude.
template <class Cell, class Grid, class Threshold, class Encoder, class Fold, class Forget>
size_t gate(Cell* residual, index_t n, const Grid& grid, const Threshold& threshold, const Encoder& encoder,
            gate_state<Threshold, Encoder>& s, bytes out, Fold&& fold, Forget&& forget) noexcept {
  const float wt = grid.sendable(threshold.next(
      static_cast<typename Threshold::state&>(s), static_cast<const gate_report&>(s.report),
      detail::mean_magnitude<Cell, Grid, typename remove_reference<Fold>::type>(residual, n, grid, fold)));
  const index_t expected = s.report.rounds != 0 ? s.report.hits : static_cast<index_t>(n / 128 + 1);
  const encode_request request = {wt, n, s.start, expected};
  typename Encoder::template writer<Grid> writer(encoder, s.encoder, grid, request, out);
  const Cell bound = writer.threshold();

  index_t hits = 0;
  index_t stop = 0;
  bool full = false;
  index_t at = s.start;
  for (index_t done = 0; done < n;) {
    const index_t to_end = static_cast<index_t>(n - at);
    index_t m = n < detail::gate_chunk() ? n : detail::gate_chunk();
    if (m > n - done) m = static_cast<index_t>(n - done);
    if (m > to_end) m = to_end;
    fold(at, m);
    if (!full) {
      Cell* const cells = residual + at;
      for (index_t i = kernel::next_hit(cells, 0, m, bound, kernel::native()); i < m;
           i = kernel::next_hit(cells, static_cast<index_t>(i + 1), m, bound, kernel::native())) {
        if (overflowed(cells[i])) {  // training has diverged there: it starts anew
          cells[i] = Cell();
          forget(static_cast<index_t>(at + i));
          continue;
        }
        if (!writer.put(static_cast<index_t>(done + i), cells[i])) {
          full = true;
          stop = static_cast<index_t>(at + i);
          break;
        }
        if (wt > 0) forget(static_cast<index_t>(at + i));  // when all is sent each time, momentum is just momentum
        ++hits;
      }
    }
    done = static_cast<index_t>(done + m);
    at = static_cast<index_t>(m == to_end ? 0 : at + m);
  }

  const size_t size = writer.finish(s.encoder);
  const gate_report report = {s.report.rounds + 1 == 0 ? 1 : s.report.rounds + 1, wt, n, hits, size, full};
  s.report = report;
  s.start = stop;
  return size;
}

}  // namespace WEIR_ABI
}  // namespace weir
