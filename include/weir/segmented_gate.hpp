// SPDX-License-Identifier: MIT
// The gate of a model in segments: one Wt, a pass for each segment, side by side if there are threads.
#pragma once

#include <weir/encoder/segmented.hpp>
#include <weir/gate.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// Wt as the whole model has it.
struct given_wt {
  float wt;

  struct state {};
  template <class Mean>
  float next(state&, const gate_report&, Mean&&) const noexcept {
    return wt;
  }
};
/// And what emitted cells may keep.
struct given_wt_and_keep : given_wt {
  float times;

  given_wt_and_keep(float wt_, float times_) noexcept : given_wt{wt_}, times(times_) {}
  float keep(const state&) const noexcept { return times; }
};

/// What the whole model's threshold gives to segments.
template <class Threshold, bool = threshold_has_keep<Threshold>::value>
struct threshold_of_segments {
  typedef given_wt type;
  static type make(const Threshold&, const typename Threshold::state&, float wt) noexcept { return given_wt{wt}; }
};
template <class Threshold>
struct threshold_of_segments<Threshold, true> {
  typedef given_wt_and_keep type;
  static type make(const Threshold& threshold, const typename Threshold::state& s, float wt) noexcept {
    return type(wt, threshold.keep(s));
  }
};

/// Folds cells of one segment.
template <class Fold>
class segment_fold {
 public:
  segment_fold(Fold& fold, index_t begin) noexcept : fold_(fold), begin_(begin) {}

  static void all() noexcept {}  // if somebody asks, that was done before
  void operator()(index_t first, index_t n) noexcept { fold_(static_cast<index_t>(begin_ + first), n); }
  template <class Wt>
  auto operator()(index_t first, index_t n, Wt wt, uint16_t number, uint16_t* list) noexcept
      -> decltype(declval<Fold&>()(first, n, wt, number, list)) {
    return fold_(static_cast<index_t>(begin_ + first), n, wt, number, list);
  }
  template <class F = Fold>
  auto fetch(index_t i) noexcept -> decltype(declval<F&>().fetch(i)) {
    fold_.fetch(static_cast<index_t>(begin_ + i));
  }

 private:
  Fold& fold_;
  index_t begin_;
};

template <class Forget>
struct segment_forget {
  Forget& forget;
  index_t begin;
  void operator()(index_t i) noexcept { forget(static_cast<index_t>(begin + i)); }
};

}  // namespace detail

/// What a gate carries from pass to pass, for each segment.
template <class Threshold, class Encoder, uint8_t Count, class Runner>
struct gate_state<Threshold, segmented<Encoder, Count, Runner>> : Threshold::state {
  gate_report report;
  gate_state<typename detail::threshold_of_segments<Threshold>::type, Encoder> segments[Count];
};

/// The same as gate() of weir/gate.hpp, for each segment: its own body in its share of `out`, its own start, its own mean for an encoder that
/// asks for one. Wt is one for all, and so is the report.
///
/// With threads, fold and forget are called by all of them, each for the cells of its segment, and no two for one cell.
template <class Cell, class Grid, class Threshold, class Encoder, uint8_t Count, class Runner, class Fold, class Forget>
size_t gate(Cell* residual, index_t n, const Grid& grid, const Threshold& threshold,
            const segmented<Encoder, Count, Runner>& encoder,
            gate_state<Threshold, segmented<Encoder, Count, Runner>>& s, bytes out, Fold&& fold,
            Forget&& forget) noexcept {
  typedef segmented<Encoder, Count, Runner> whole;
  typedef typename remove_reference<Fold>::type folding;
  typedef typename remove_reference<Forget>::type forgetting;
  static_assert(
      !Runner::concurrent() || is_same<Cell, float>::value || is_same<folding, detail::no_fold>::value,
      "weir: only float residuals are folded by several threads: in fixed point they count what saturates, and "
      "draw the chances of rounding, in one place; take in_turn as the runner");
  const detail::mean_magnitude<Cell, Grid, folding> mean(residual, n, grid, fold);
  const float wt = detail::ask(threshold, s, n, grid, mean, out);
  for (uint8_t i = 0; i < Count; ++i)
    if (detail::wants_mean<Encoder>(s.segments[i].encoder, 0)) fold.all();

  size_t sizes[Count];
  const typename detail::threshold_of_segments<Threshold>::type given =
      detail::threshold_of_segments<Threshold>::make(threshold, s, wt);
  encoder.runner.run(Count, [&](uint8_t i) {
    const index_t begin = whole::begin_of(n, i);
    const index_t cells = static_cast<index_t>(whole::begin_of(n, static_cast<uint8_t>(i + 1)) - begin);
    const bytes share(out.data() + whole::share_at(out.size(), i), whole::share_of(out.size()));
    sizes[i] = cells == 0 ? 0
                          : gate(residual + begin, cells, grid, given, encoder.encoder, s.segments[i], share,
                                 detail::segment_fold<folding>(fold, begin),
                                 detail::segment_forget<forgetting>{forget, begin});
  });

  gate_report report = {s.report.rounds + 1 == 0 ? 1 : s.report.rounds + 1, wt, n, 0, whole::join(sizes, out), false};
  for (uint8_t i = 0; i < Count; ++i) {
    report.hits = static_cast<index_t>(report.hits + s.segments[i].report.hits);
    report.full = report.full || s.segments[i].report.full;
    report.clipped = static_cast<index_t>(report.clipped + s.segments[i].report.clipped);
  }
  s.report = report;
  return report.bytes;
}

}  // namespace WEIR_ABI
}  // namespace weir
