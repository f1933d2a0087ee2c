// SPDX-License-Identifier: MIT
// Both steps in one pass: what has risen to Wt leaves the residual, as bytes.
#pragma once

#include <weir/kernel/fold_hit_mask.hpp>
#include <weir/kernel/list_hits.hpp>
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

/// Folds a chunk and marks what has risen to Wt: in one pass if `fold` knows how, fold(first, n, wt, mask).
template <class Fold>
auto fold_and_mark(Fold& fold, const float*, index_t first, index_t n, float wt, uint32_t* mask, int) noexcept
    -> decltype(fold(first, n, wt, mask)) {
  fold(first, n, wt, mask);
}
template <class Fold>
void fold_and_mark(Fold& fold, const float* cells, index_t first, index_t n, float wt, uint32_t* mask, long) noexcept {
  fold(first, n);
  kernel::hit_mask(cells + first, n, wt, mask, kernel::native());
}

/// The hits of a chunk, in order: for (i = h.find(...); i < n; i = h.after(i)). One by one, without memory.
template <class Cell, bool Vectors>
class chunk_hits {
 public:
  template <class Fold>
  index_t find(Fold& fold, const Cell* cells, index_t first, index_t n, Cell bound) noexcept {
    fold(first, n);
    cells_ = cells + first;
    n_ = n;
    bound_ = bound;
    return kernel::next_hit(cells_, 0, n_, bound_, kernel::native());
  }
  index_t after(index_t i) const noexcept {
    return kernel::next_hit(cells_, static_cast<index_t>(i + 1), n_, bound_, kernel::native());
  }

 private:
  const Cell* cells_;
  index_t n_;
  Cell bound_;
};
/// All at once, by vector instructions.
template <>
class chunk_hits<float, true> {
 public:
  template <class Fold>
  index_t find(Fold& fold, const float* cells, index_t first, index_t n, float bound) noexcept {
    uint32_t mask[gate_chunk() / 32];
    fold_and_mark(fold, cells, first, n, bound, mask, 0);
    list_[kernel::list_hits(mask, n, list_)] = static_cast<uint16_t>(n);  // the end is a hit that nobody looks at
    at_ = list_;
    return *at_;
  }
  index_t after(index_t) noexcept { return *++at_; }

 private:
  const uint16_t* at_;
  uint16_t list_[gate_chunk() + 8];
};

/// Does the encoder leave cells that have risen to Wt, and which? Optional: `writer.wants(cell)`.
template <class Writer, class Cell>
auto wants(const Writer& writer, const Cell& c, int) noexcept -> decltype(writer.wants(c)) {
  return writer.wants(c);
}
template <class Writer, class Cell>
constexpr bool wants(const Writer&, const Cell&, long) noexcept {
  return true;
}
/// Does the encoder ask for the mean magnitude of the residual? Optional: `Encoder::wants_mean(state)`.
template <class Encoder>
auto wants_mean(const typename Encoder::state& s, int) noexcept -> decltype(Encoder::wants_mean(s)) {
  return Encoder::wants_mean(s);
}
template <class Encoder>
constexpr bool wants_mean(const typename Encoder::state&, long) noexcept {
  return false;
}

/// What a scan found.
struct scanned {
  index_t hits;
  index_t stop;  ///< where the frame was full; 0 if it was not
  bool full;
};

/// One scan of cells[n] from `start` around: what has risen to the writer's threshold goes to the writer. With Wt = 0 momentum
/// is not forgotten: when all is sent each time, momentum is just momentum.
template <class Cell, class Writer, class Fold, class Forget>
scanned scan(Cell* cells, index_t n, index_t start, float wt, Writer& writer, Fold& fold, Forget& forget) noexcept {
  const Cell bound = writer.threshold();
  chunk_hits<Cell, (kernel::native::lanes() > 1)> hits;
  scanned found = {0, 0, false};
  index_t at = start;
  for (index_t done = 0; done < n;) {
    const index_t to_end = static_cast<index_t>(n - at);
    index_t m = n < gate_chunk() ? n : gate_chunk();
    if (m > n - done) m = static_cast<index_t>(n - done);
    if (m > to_end) m = to_end;
    if (found.full) {
      fold(at, m);
    } else {
      Cell* const chunk = cells + at;
      for (index_t i = hits.find(fold, cells, at, m, bound); i < m; i = hits.after(i)) {
        if (overflowed(chunk[i])) {  // training has diverged there: it starts anew
          chunk[i] = Cell();
          forget(static_cast<index_t>(at + i));
          continue;
        }
        if (!wants(writer, chunk[i], 0)) continue;
        if (!writer.put(static_cast<index_t>(done + i), chunk[i])) {
          found.full = true;
          found.stop = static_cast<index_t>(at + i);
          break;
        }
        if (wt > 0) forget(static_cast<index_t>(at + i));
        ++found.hits;
      }
    }
    done = static_cast<index_t>(done + m);
    at = static_cast<index_t>(m == to_end ? 0 : at + m);
  }
  return found;
}

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
  const detail::mean_magnitude<Cell, Grid, typename remove_reference<Fold>::type> mean(residual, n, grid, fold);
  const float wt = grid.sendable(
      threshold.next(static_cast<typename Threshold::state&>(s), static_cast<const gate_report&>(s.report), mean));
  const index_t expected = s.report.rounds != 0 ? s.report.hits : static_cast<index_t>(n / 128 + 1);
  const encode_request request(wt, n, s.start, expected, detail::wants_mean<Encoder>(s.encoder, 0) ? mean() : 0.0f);
  typename Encoder::template writer<Grid> writer(encoder, s.encoder, grid, request, out);
  const detail::scanned found = detail::scan(residual, n, s.start, wt, writer, fold, forget);

  const size_t size = writer.finish(s.encoder);
  const gate_report report = {s.report.rounds + 1 == 0 ? 1 : s.report.rounds + 1, wt, n, found.hits, size, found.full};
  s.report = report;
  s.start = found.stop;
  return size;
}

}  // namespace WEIR_ABI
}  // namespace weir
