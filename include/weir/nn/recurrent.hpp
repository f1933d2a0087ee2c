// SPDX-License-Identifier: MIT
// What recurrent layers share: steps through time, forward and back. simple_rnn, gru and lstm say what happens to one
// sample in one step.
#pragma once

#include <weir/core/number.hpp>
#include <weir/kernel/sigmoid_tanh.hpp>
#include <weir/nn/chain.hpp>
#include <weir/nn/fixed_math.hpp>
#include <weir/nn/init.hpp>
#include <weir/nn/outer.hpp>
#include <weir/nn/recurrent_products.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// A recurrent layer's output is its state after the last step: shape<H>.
struct last_output {
  template <index_t T, index_t H>
  using output = shape<H>;
  static constexpr bool all() noexcept { return false; }
};
/// Its output is its state after each step: shape<T, H>.
struct all_outputs {
  template <index_t T, index_t H>
  using output = shape<T, H>;
  static constexpr bool all() noexcept { return true; }
};

/// Each batch begins with a state of zero.
struct starts_anew {
  static constexpr bool carries() noexcept { return false; }
};
/// In training, sample b begins with the state in which sample b of the batch before ended: long sequences, cut into
/// batches (truncated back-propagation through time: gradients end at the cut). A state that is no number begins anew. Out
/// of training a pass begins with zero and leaves the state alone; for samples as they come see weir/nn/stepper.hpp.
struct carries_on {
  static constexpr bool carries() noexcept { return true; }
};

namespace detail {

/// What stands in front of a recurrent layer: T steps of F features.
template <class In>
struct sequence : false_type {
  static constexpr index_t steps() noexcept { return 1; }
  static constexpr index_t features() noexcept { return 1; }
};
template <index_t T, index_t F>
struct sequence<shape<T, F>> : true_type {
  static constexpr index_t steps() noexcept { return T; }
  static constexpr index_t features() noexcept { return F; }
};

/// sigmoid and tanh of n numbers, in place.
inline void sigmoids(float* x, index_t n) noexcept { kernel::sigmoid(x, n, kernel::native()); }
inline void tanhs(float* x, index_t n) noexcept { kernel::hyperbolic_tangent(x, n, kernel::native()); }
template <class Rep, int8_t F>
void sigmoids(fixed<Rep, F>* x, index_t n) noexcept {
  for (index_t i = 0; i < n; ++i) x[i] = logistic(x[i]);
}
template <class Rep, int8_t F>
void tanhs(fixed<Rep, F>* x, index_t n) noexcept {
  for (index_t i = 0; i < n; ++i) x[i] = hyperbolic_tangent(x[i]);
}

/// A cell of H units, step by step over x[B][T][F].
///
/// Weights: W (G H x F), U (G H x H) and b (G H) for G gates, and c (H for each gate that stays apart). A step makes
/// W x + b + U h; but of the last gates, `apart` of them, W x + b and U h + c by themselves.
///
/// Kept are, time-major, a row of Cell::kept() * H numbers for each sample and step: first W x + b of the gates apart, then
/// the other gates, then U h + c of those apart, then whatever the cell wants. The cell makes its gates of them, and
/// backward the gates' deltas, all in the same place. Behind the rows stand the states from which steps began, as far as
/// they are not in y: of all steps, or (all_outputs that carry on) of the first.
///
///   Cell::gates(), apart(), kept(); states() is 2 if there is a state c beside the output h;
///   forward<H>(k, h, c): one sample's row and states, from before the step to after it;
///   backward<H>(k, before, dh, dc, spare): deltas of the states from after the step to before it, without what comes
///   through U.
template <class Cell, class In, index_t H, class Returns, class Starts, class Init>
struct recurrent : layer_defaults {
  static_assert(H > 0, "weir: a recurrent layer needs at least one unit");
  static_assert(
      sequence<In>::value,
      "weir: a recurrent layer needs steps of features in front of it: input<64, 9> is 64 steps of 9 numbers");
  typedef sequence<In> in;
  typedef recurrent_products<in::features(), in::steps() * in::features(), H, Cell::gates() * H, Cell::apart() * H,
                             Cell::kept() * H>
      products;
  typedef typename Returns::template output<in::steps(), H> output;

  static constexpr index_t steps() noexcept { return in::steps(); }
  static constexpr index_t features() noexcept { return in::features(); }
  static constexpr index_t units() noexcept { return H; }
  static constexpr index_t rows() noexcept { return static_cast<index_t>(Cell::gates() * H); }
  static constexpr index_t apart() noexcept { return static_cast<index_t>(Cell::apart() * H); }
  static constexpr index_t columns() noexcept { return static_cast<index_t>(Cell::kept() * H); }
  static constexpr index_t states() noexcept { return static_cast<index_t>(Cell::states() * H); }

  static_assert((static_cast<uint64_t>(in::features()) + H + 2) * Cell::gates() * H <= static_cast<index_t>(-1),
                "weir: this recurrent layer has more weights than index_t can count on this machine");
  static constexpr index_t parameters() noexcept {
    return static_cast<index_t>((features() + H + 1) * rows() + apart());
  }
  /// Where a batch begins is no matter of the model.
  static constexpr uint32_t fingerprint() noexcept {
    return mix(mix(mix(Cell::fingerprint(), features()), H), Returns::all() ? 1 : 0);
  }
  static constexpr bool needs_output() noexcept { return Returns::all(); }
  static constexpr bool knows_training() noexcept { return Starts::carries(); }

  template <class A>
  static constexpr index_t kept(index_t batch) noexcept {
    return static_cast<index_t>(batch * (steps() * columns() + befores() * H));
  }
  template <class A>
  static constexpr index_t carried(index_t batch) noexcept {
    return static_cast<index_t>(Starts::carries() ? batch * states() : 0);
  }
  template <class A>
  static constexpr index_t scratch(index_t batch) noexcept {
    return static_cast<index_t>(batch * states() + larger(products::template prepared<A>(batch),
                                                          2 * H + products::template gathered<A>(batch)));
  }

  template <class A>
  static void initialize(A* w, random_bits& random) noexcept {
    constexpr uint16_t bound = Init::bound(in::features(), H), recurrent_bound = init_bound(1, H);
    fill_uniform(w, products::u_at(), bound, random);
    fill_uniform(w + products::u_at(), static_cast<index_t>(rows() * H), recurrent_bound, random);
    zero_row(w + products::b_at(), static_cast<index_t>(rows() + apart()));
    Cell::template initialize_biases<H>(w + products::b_at());
  }
  /// What is apart is only ever the new gate of a GRU.
  template <class Visitor>
  static void describe(Visitor& v) {
    v.array("weight_ih", shape<Cell::gates() * H, in::features()>());
    v.array("weight_hh", shape<Cell::gates() * H, H>());
    v.array("bias", shape<Cell::gates() * H>());
    describe_apart(v, bool_constant<(Cell::apart() > 0)>());
  }

  template <index_t B, class A, class X>
  static void forward(const A* w, const X* x, A* y, const layer_memory<A>& m) noexcept {
    static_assert((static_cast<uint64_t>(in::steps()) * (Cell::kept() + 1) + 1) * B * H <= static_cast<index_t>(-1),
                  "weir: this recurrent layer keeps more numbers than index_t can count on this machine");
    typedef typename products::template batched<B, A, X> batched;
    const bool goes_on = Starts::carries() && m.chance != 0;
    A* const h = goes_on ? m.carried : m.scratch;
    if (goes_on)
      drop_broken<B>(h);
    else
      zero_row(h, B * states());
    A* const prepared = m.scratch + B * states();
    products::prepare(w, prepared, batched());
    for (index_t t = 0; t < steps(); ++t) {
      if (t < befores()) copy_row(static_cast<const A*>(h), m.kept + before_at<B>(t), B * H);
      step<B>(w, prepared, x + t * features(), m.kept + t * B * columns(), h, batched());
      if (Returns::all())
        for (index_t b = 0; b < B; ++b) copy_row(static_cast<const A*>(h + b * H), y + (b * steps() + t) * H, H);
    }
    if (!Returns::all()) copy_row(static_cast<const A*>(h), y, B * H);
  }

  /// One step of one sample, by itself: state[states()] goes on, k[columns()] is overwritten. The same numbers as in forward
  /// of one sample.
  template <class A, class X>
  static void step(const A* w, const X* x, A* k, A* state) noexcept {
    step<1>(w, static_cast<const A*>(nullptr), x, k, state, false_type());
  }

  template <index_t B, class A, class X>
  static void backward(const A* w, const X*, const A* y, const layer_memory<A>& m, const A* dy, A* dx) noexcept {
    typedef typename products::template batched<B, A, A> batched;
    A* const dh = m.scratch;
    A* const dc = dh + B * H;
    A* const spare = dh + B * states();
    A* const zero = spare + H;
    zero_row(dh, B * states());
    zero_row(zero, H);
    if (!Returns::all()) copy_row(dy, dh, B * H);
    for (index_t t = steps(); t-- > 0;) {
      A* const k = m.kept + t * B * columns();
      for (index_t b = 0; b < B; ++b) {
        const index_t at = static_cast<index_t>((b * steps() + t) * H);
        if (Returns::all())
          for (index_t i = 0; i < H; ++i) dh[b * H + i] = dh[b * H + i] + dy[at + i];
        const A* const before = t < befores() ? m.kept + before_at<B>(t) + b * H : t == 0 ? zero : y + at - H;
        Cell::template backward<H>(k + b * columns(), before, dh + b * H, dc + b * H, spare);
      }
      if (t != 0) products::template to_states<B>(w, static_cast<const A*>(k), dh, spare, batched());
      if (dx != nullptr)
        products::template to_inputs<B>(w, static_cast<const A*>(k), dx + t * features(), zero + H, batched());
    }
  }

  template <index_t B, class A, class X, class Sink>
  static void gradient(const X* x, const A* y, const layer_memory<A>& m, const A*, Sink& sink,
                       index_t offset) noexcept {
    // Many steps of one sample in a sum, or one step of many samples: whatever there is more of.
    constexpr index_t T = in::steps(), F = in::features(), N = T < B ? B : T;
    constexpr index_t Row = (T < B ? 1 : B) * Cell::kept() * H, Next = (T < B ? B : 1) * Cell::kept() * H;
    constexpr index_t InputRow = (T < B ? T : 1) * F, NextInput = (T < B ? 1 : T) * F;
    const A* const k = m.kept;
    for (index_t i = 0; i < T * B / N; ++i)
      add_inputs<N>(sink, offset, k + i * Next, Row, x + i * NextInput, InputRow, bool_constant<(Cell::apart() > 0)>());
    add_states<B>(k, y, sink, static_cast<index_t>(offset + products::u_at()), bool_constant<Returns::all()>());
    for (index_t i = 0; i < T * B; ++i) {
      const A* const d = k + i * columns();
      sink.add(static_cast<index_t>(offset + products::b_at()), d + apart(), together());
      if (Cell::apart() == 0) continue;
      sink.add(static_cast<index_t>(offset + products::b_at() + together()), d, apart());
      sink.add(static_cast<index_t>(offset + products::c_at()), d + rows(), apart());
    }
  }

 private:
  static constexpr index_t together() noexcept { return products::together(); }
  template <class Visitor>
  static void describe_apart(Visitor&, false_type) {}
  template <class Visitor>
  static void describe_apart(Visitor& v, true_type) {
    v.array("bias_hn", shape<Cell::apart() * H>());
  }
  /// So many steps have the state before them behind the rows.
  static constexpr index_t befores() noexcept { return Returns::all() ? (Starts::carries() ? 1 : 0) : in::steps(); }
  template <index_t B>
  static constexpr index_t before_at(index_t t) noexcept {
    return static_cast<index_t>(B * (steps() * columns() + t * H));
  }

  template <index_t B, class A, class X, class Batched>
  static void step(const A* w, const A* prepared, const X* x, A* k, A* state, Batched batched) noexcept {
    products::template forward<B>(w, prepared, x, static_cast<const A*>(state), k, batched);
    for (index_t b = 0; b < B; ++b) Cell::template forward<H>(k + b * columns(), state + b * H, state + (B + b) * H);
  }

  template <index_t B, class A>
  static void drop_broken(A* h) noexcept {
    for (index_t b = 0; b < B; ++b) {
      bool broken = false;
      for (index_t s = 0; s < Cell::states(); ++s)
        for (index_t i = 0; i < H; ++i) broken |= overflowed(h[(s * B + b) * H + i]);
      if (!broken) continue;
      for (index_t s = 0; s < Cell::states(); ++s) zero_row(h + (s * B + b) * H, H);
    }
  }

  template <index_t N, class A, class X, class Sink>
  static void add_inputs(Sink& sink, index_t offset, const A* k, index_t row, const X* x, index_t x_row,
                         false_type) noexcept {
    add_outer<products::together(), in::features(), N>(sink, offset, k + apart(), row, x, x_row);
  }
  template <index_t N, class A, class X, class Sink>
  static void add_inputs(Sink& sink, index_t offset, const A* k, index_t row, const X* x, index_t x_row,
                         true_type) noexcept {
    add_inputs<N>(sink, offset, k, row, x, x_row, false_type());
    add_outer<Cell::apart() * H, in::features(), N>(sink, static_cast<index_t>(offset + together() * features()), k,
                                                    row, x, x_row);
  }

  /// last_output: all states before a step stand behind the rows, in the same order.
  template <index_t B, class A, class Sink>
  static void add_states(const A* k, const A*, Sink& sink, index_t offset, false_type) noexcept {
    constexpr index_t First = Starts::carries() ? 0 : 1, N = (in::steps() - First) * B;
    if (N != 0)
      add_outer<Cell::gates() * H, H, (N > 0 ? N : 1)>(sink, offset, k + First * B * columns() + apart(), columns(),
                                                       k + before_at<B>(First), H);
  }
  /// all_outputs: what is before a step is the output of the one before it.
  template <index_t B, class A, class Sink>
  static void add_states(const A* k, const A* y, Sink& sink, index_t offset, true_type) noexcept {
    constexpr index_t T = in::steps(), After = T - 1, N = After < B ? B : After, Rows = Cell::gates() * H;
    const A* const d = k + apart();
    for (index_t i = 0; i < After * B / N; ++i)
      if (After < B)
        add_outer<Rows, H, N>(sink, offset, d + (i + 1) * B * columns(), columns(), y + i * H, T * H);
      else
        add_outer<Rows, H, N>(sink, offset, d + (B + i) * columns(), B * columns(), y + i * T * H, H);
    if (Starts::carries()) add_outer<Rows, H, B>(sink, offset, d, columns(), k + before_at<B>(0), H);
  }
};

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
