// SPDX-License-Identifier: MIT
// What worker and learner have in common: weights, residual, and the step from samples to residual.
#pragma once

#include <math.h>
#include <string.h>

#include <weir/core/fingerprint.hpp>
#include <weir/core/number.hpp>
#include <weir/core/span.hpp>
#include <weir/kernel/axpy.hpp>
#include <weir/kernel/axpy_stochastic.hpp>
#include <weir/kernel/fold_list_hits.hpp>
#include <weir/nn/chain.hpp>
#include <weir/policy/local.hpp>
#include <weir/policy/loss.hpp>
#include <weir/policy/optimizer.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// How rows are added to cells: to the nearest, or by chance where the last argument says so.
struct nearest {
  void seed(uint32_t) noexcept {}
  template <class Scale, class Row, class Cell>
  static index_t add(Scale s, const Row* row, Cell* to, index_t n, false_type) noexcept {
    return kernel::axpy(s, row, to, n, kernel::native());
  }
};
/// Where rounding by chance takes its bits from.
struct by_chance : nearest {
  kernel::dither dither;
  using nearest::add;
  void seed(uint32_t s) noexcept { dither.state = s; }
  template <class Row, class Cell>
  index_t add(fixed_scale s, const Row* row, Cell* to, index_t n, true_type) noexcept {
    return kernel::axpy_stochastic(s, row, to, n, dither, kernel::native());
  }
};

/// Where updates go: the residual and, with local steps (Moves), the local weights.
template <class Number, bool Moves>
class fold_into {
 public:
  typedef weir::number<Number> format;
  typedef typename format::scale scale;
  typedef bool_constant<format::residual_by_chance()> residual_by_chance;
  typedef bool_constant<Moves && format::weights_by_chance()> local_by_chance;
  typedef typename conditional<residual_by_chance::value || local_by_chance::value, by_chance, nearest>::type chances;

  fold_into(typename format::residual* residual, typename format::weight* local, index_t size, chances& c,
            uint32_t& saturated) noexcept
      : residual_(residual), local_(local), size_(size), chances_(c), saturated_(saturated) {}

  index_t size() const noexcept { return size_; }

  /// Adds s * row to the residual, and takes it from the local weights (which row may be).
  template <class Row>
  void add(index_t offset, scale s, const Row* row, index_t n) noexcept {
    const index_t lost = chances_.add(s, row, residual_ + offset, n, residual_by_chance());
    if (!is_same<typename format::residual, float>::value)
      saturated_ += lost;  // not in float: several threads may fold
    if (Moves) chances_.add(negated(s), row, local_ + offset, n, local_by_chance());
  }
  /// The residual of floats itself, where nobody else wants the rows.
  template <class Cell = typename format::residual>
  auto cells(index_t offset) noexcept -> typename enable_if<is_same<Cell, float>::value && !Moves, float*>::type {
    return residual_ + offset;
  }
  /// Leaves so much of the residual; s in [0, 1].
  void keep(scale s) noexcept { kernel::scale(s, residual_, size_, kernel::native()); }

 private:
  typename format::residual* residual_;
  typename format::weight* local_;
  index_t size_;
  chances& chances_;
  uint32_t& saturated_;
};

/// Rows of a gradient on their way: each is multiplied by the step's factor.
template <class Rows, class Scale>
struct scaled_rows {
  Rows& rows;
  Scale factor;

  template <class Delta, class Row>
  void add(index_t offset, Delta delta, const Row* row, index_t n) noexcept {
    rows.add(offset, times(factor, delta), row, n);
  }
  template <class Row>
  void add(index_t offset, const Row* row, index_t n) noexcept {
    rows.add(offset, factor, row, n);
  }
  /// Where rows that nobody else wants to see can be added at once; see weir/nn/outer.hpp.
  template <class R = Rows>
  auto cells(index_t offset) noexcept -> decltype(declval<R&>().cells(offset)) {
    return rows.cells(offset);
  }
  Scale scale_of_cells() const noexcept { return factor; }
};

/// The memory of training, all-zero until initialised. Optimizer and local state are bases: empty ones take no room.
template <class Number, class Model, class Loss, class Optimizer, class Local, index_t Batch>
class trainer : private Optimizer::template state<Number, Model::parameters()>,
                private fold_into<Number, Local::moves()>::chances,
                private Local::template state<Number, Model::parameters()> {
 public:
  typedef weir::number<Number> format;
  typedef typename format::weight weight;
  typedef typename format::residual residual;
  typedef typename Loss::template target<weight> target;

  static constexpr index_t size() noexcept { return Model::parameters(); }

  /// Sets the initial weights; `salt` makes the chances of one node others than those of the next.
  void begin(uint32_t seed, uint32_t salt) noexcept {
    Model::initialize(weights_, seed);
    dice().seed(mix(seed, salt));
  }

  weight* weights() noexcept { return weights_; }
  residual* cells() noexcept { return residual_; }
  uint32_t saturated() const noexcept { return saturated_; }
  /// So many cells lost a part of what they had.
  void write_off(index_t cells) noexcept { saturated_ += cells; }

  /// What layers carry from batch to batch is forgotten: other sequences begin.
  void begin_sequences() noexcept {
    memset(static_cast<void*>(space_.cells), 0, Model::layers::template carried<weight>(Batch) * sizeof(weight));
  }

  /// Local weights start from the broadcast ones at the next step.
  void start_round() noexcept { round_started_ = false; }

  /// One batch: x[Batch][inputs], targets[Batch]. `ranks` is for clipping. A batch whose outputs are no numbers (a sensor
  /// said NaN) is skipped and counted in saturated(): it would spoil every weight.
  template <class X>
  void train(const Optimizer& optimizer, const X* x, const target* targets, uint16_t ranks) noexcept {
    settle(optimizer);
    if (Local::moves() && !round_started_) memcpy(static_cast<void*>(local()), weights_, sizeof weights_);
    round_started_ = true;

    const weight* const w = Local::moves() ? local() : weights_;
    const typename Model::chance chance = chance_of(typename Model::chance());
    const weight* const y = Model::template forward<Batch>(w, x, space_.cells, chance);
    weight* const dy = space_.delta();
    for (index_t b = 0; b < Batch; ++b)
      Loss::gradient(y + b * Model::outputs(), Model::outputs(), targets[b], dy + b * Model::outputs());
    for (index_t i = 0; i < Batch * Model::outputs(); ++i) hold_in_range(y[i], dy[i]);
    if (!all_finite(dy)) {
      ++saturated_;
      return;
    }
    learn(optimizer, w, x, chance, ranks, all_deltas_first());
    unfolded_ = Optimizer::folds();
    ++step_;
  }

  /// Folds what the last step left to fold: it is put off until somebody needs the residual, because the gate's pass
  /// folds on its way.
  void settle(const Optimizer& optimizer) noexcept {
    if (unfolded_) fold(optimizer, 0, size());
    unfolded_ = false;
  }

  /// Can the gate fold and scan in one pass?
  typedef bool_constant<is_same<residual, float>::value && optimizer_has_factors<Optimizer>::value && !Local::moves()>
      one_pass;

  /// For the gate: folds the chunks that it comes to.
  class folding {
   public:
    folding(trainer& t, const Optimizer& optimizer) noexcept : trainer_(t), optimizer_(optimizer) {}
    ~folding() { trainer_.unfolded_ = false; }
    void all() noexcept { trainer_.settle(optimizer_); }
    void operator()(index_t first, index_t n) noexcept {
      if (trainer_.unfolded_) trainer_.fold(optimizer_, first, n);
    }
    /// It is soon the turn of cell i.
    void fetch(index_t i) noexcept { trainer_.fetch(i, one_pass()); }
    /// The same, and lists the cells that have risen to wt; see kernel::list_hits.
    template <class Wt>
    auto operator()(index_t first, index_t n, Wt wt, uint16_t number, uint16_t* list) noexcept ->
        typename enable_if<is_same<Wt, residual>::value && one_pass::value, index_t>::type {
      return trainer_.fold_and_list(optimizer_, first, n, wt, number, list);
    }

   private:
    trainer& trainer_;
    const Optimizer& optimizer_;
  };

  /// For the gate: the velocity of an emitted coordinate starts anew.
  class forgetting {
   public:
    forgetting(trainer& t, const Optimizer& optimizer) noexcept : trainer_(t), optimizer_(optimizer) {}
    void operator()(index_t i) noexcept { optimizer_.forget(trainer_.state(), i); }

   private:
    trainer& trainer_;
    const Optimizer& optimizer_;
  };

  /// For broadcasts: an optimizer that wants to know hears of each weight that one has moved.
  class receiving {
   public:
    receiving(trainer& t, const Optimizer& optimizer) noexcept : trainer_(t), optimizer_(optimizer) {}
    template <class Value>
    void operator()(index_t i, Value v) const noexcept {
      tell(i, v, bool_constant<optimizer_has_received<Optimizer, optimizer_state, Value>::value>());
    }

   private:
    template <class Value>
    void tell(index_t i, Value v, true_type) const noexcept {
      optimizer_.received(trainer_.state(), i, v);
    }
    template <class Value>
    void tell(index_t, Value, false_type) const noexcept {}

    trainer& trainer_;
    const Optimizer& optimizer_;
  };

  /// The outputs of one sample at the broadcast weights; they stand in the workspace until the next call.
  template <class X>
  const weight* outputs(const X* x) noexcept {
    return Model::template forward<1>(static_cast<const weight*>(weights_), x, space_.single());
  }

 private:
  typedef typename Optimizer::template state<Number, Model::parameters()> optimizer_state;
  typedef typename Local::template state<Number, Model::parameters()> local_state;

  typedef fold_into<Number, Local::moves()> into;
  typedef typename into::chances chances;

  optimizer_state& state() noexcept { return *this; }
  chances& dice() noexcept { return *this; }
  weight* local() noexcept { return local_of(*this, bool_constant<Local::moves()>()); }
  template <class State>
  static weight* local_of(State& s, true_type) noexcept {
    return static_cast<local_state&>(s).local_weights;
  }
  template <class State>
  static weight* local_of(State&, false_type) noexcept {
    return nullptr;
  }

  into destination() noexcept { return into(residual_, local(), size(), dice(), saturated_); }

  void fold(const Optimizer& optimizer, index_t first, index_t n) noexcept {
    into to = destination();
    optimizer.fold(state(), to, step_ - 1, first, n);
  }

  index_t fold_and_list(const Optimizer& optimizer, index_t first, index_t n, float wt, uint16_t number,
                        uint16_t* list) noexcept {
    if (!unfolded_) return kernel::list_hits(residual_ + first, n, wt, number, list, kernel::native());
    const fold_factors f = optimizer.factors(step_ - 1);
    return kernel::fold_list_hits(f.rate, state().u + first, f.keep, residual_ + first, n, wt, number, list,
                                  kernel::native());
  }

  void fetch(index_t i, true_type) noexcept { __builtin_prefetch(state().u + i, 1); }
  static void fetch(index_t, false_type) noexcept {}

  static bool all_finite(const weight* dy) noexcept {
    for (index_t i = 0; i < Batch * Model::outputs(); ++i)
      if (overflowed(dy[i])) return false;
    return true;
  }

  /// Clipping must have seen all deltas before it lets a gradient pass; and local weights, which backward reads, move as
  /// soon as gradients arrive.
  typedef bool_constant<Optimizer::needs_norm() || Local::moves()> all_deltas_first;

  template <class X>
  void learn(const Optimizer& optimizer, const weight* w, const X* x, typename Model::chance chance, uint16_t ranks,
             true_type) noexcept {
    Model::template backward<Batch>(w, x, space_, chance);
    const float gain = optimizer.gain(step_) / static_cast<float>(Batch);
    into to = destination();
    auto sink = rows_of(optimizer, to, w, gain * shrink(optimizer, x, ranks, bool_constant<Optimizer::needs_norm()>()));
    Model::template gradient<Batch>(x, space_, sink, chance);
    gathered(optimizer, to, ranks, has_gathered());
  }
  template <class X>
  void learn(const Optimizer& optimizer, const weight* w, const X* x, typename Model::chance chance, uint16_t ranks,
             false_type) noexcept {
    into to = destination();
    auto sink = rows_of(optimizer, to, w, optimizer.gain(step_) / static_cast<float>(Batch));
    Model::template learn<Batch>(w, x, space_, sink, chance);
    gathered(optimizer, to, ranks, has_gathered());
  }

  typedef bool_constant<optimizer_has_gathered<Optimizer, optimizer_state, into>::value> has_gathered;
  void gathered(const Optimizer& optimizer, into& to, uint16_t ranks, true_type) noexcept {
    optimizer.gathered(state(), to, step_, ranks);
  }
  void gathered(const Optimizer&, into&, uint16_t, false_type) noexcept {}

  /// Begins the optimizer's step; where the rows of the gradient go.
  template <class Rows>
  struct sink_of {
    typedef scaled_rows<typename remove_reference<Rows>::type, typename format::scale> type;
  };
  typedef
      typename sink_of<decltype(declval<const Optimizer&>().rows(declval<optimizer_state&>(), declval<into&>()))>::type
          sink_type;
  sink_type rows_of(const Optimizer& optimizer, into& to, const weight* w, float factor) noexcept {
    optimizer.begin(state(), to, w, step_);
    return sink_type{optimizer.rows(state(), to), make_scale<typename format::scale>(factor)};
  }

  template <class X>
  float shrink(const Optimizer& optimizer, const X* x, uint16_t ranks, true_type) noexcept {
    const float norm2 = Model::template gradient_norm2<Batch, weight>(x, space_);
    return optimizer.shrink(sqrtf(norm2) / static_cast<float>(Batch), ranks);
  }
  template <class X>
  float shrink(const Optimizer&, const X*, uint16_t, false_type) noexcept {
    return 1.0f;
  }

  static no_chance chance_of(no_chance) noexcept { return no_chance(); }
  uint32_t chance_of(uint32_t) const noexcept { return scramble(step_ + 1) | 1; }

  typedef typename conditional<all_deltas_first::value, typename Model::template full_workspace<weight, Batch>,
                               typename Model::template workspace<weight, Batch>>::type workspace;

  uint32_t step_;
  uint32_t saturated_;
  bool unfolded_;
  bool round_started_;
  weight weights_[Model::parameters()];
  residual residual_[Model::parameters()];
  workspace space_;
};

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
