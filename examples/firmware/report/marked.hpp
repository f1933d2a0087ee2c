// SPDX-License-Identifier: MIT
// For the report, included before an AVR example's first line (-include): puts marks around a step of its worker or learner
// (101) and around gate and encoder (102), by policies that stand in for the library's. The example knows nothing of it, and
// its frames are the same.
#pragma once

#if defined(ARDUINO)
#  include <Arduino.h>

#  include "weir.hpp"
#else
#  include <weir/weir.hpp>
#endif

#include "simavr_run/marks.hpp"

namespace weir {

template <class Number, class Model, class Loss, class Pipe, index_t Batch = 1, size_t FrameBytes = 64>
struct worker_with_marks : worker<Number, Model, Loss, Pipe, Batch, FrameBytes> {
  template <class X, class T>
  void train(const X* x, T targets) noexcept {
    mark(101);
    worker<Number, Model, Loss, Pipe, Batch, FrameBytes>::train(x, targets);
    unmark();
  }
};

template <class Number, class Model, class Loss, class Optimizer, class Threshold, index_t Batch = 1>
struct learner_with_marks : learner<Number, Model, Loss, Optimizer, Threshold, Batch> {
  template <class X, class T>
  void train(const X* x, T targets) noexcept {
    mark(101);
    learner<Number, Model, Loss, Optimizer, Threshold, Batch>::train(x, targets);
    unmark();
  }
};

/// The gate begins by asking for Wt ...
struct target_density_with_mark : target_density {
  using target_density::target_density;
  template <class Mean>
  float next(state& s, const gate_report& last, Mean&& mean) const noexcept {
    mark(102);
    return target_density::next(s, last, static_cast<Mean&&>(mean));
  }
};

/// ... and ends with the encoder's end.
struct ternary_with_mark : ternary {
  template <class Grid>
  struct writer : ternary::writer<Grid> {
    using ternary::writer<Grid>::writer;
    template <class State>
    size_t finish(State& s) noexcept {
      const size_t size = ternary::writer<Grid>::finish(s);
      unmark();
      return size;
    }
  };
};

}  // namespace weir

#define worker worker_with_marks
#define learner learner_with_marks
#define target_density target_density_with_mark
#define ternary ternary_with_mark
