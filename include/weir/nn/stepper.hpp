// SPDX-License-Identifier: MIT
#pragma once

#include <weir/nn/recurrent.hpp>
#include <weir/nn/sequential.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

template <class On, class = void>
struct is_recurrent : false_type {};
template <class On>
struct is_recurrent<On, void_t<bool_constant<(On::states() > 0)>>> : true_type {};

/// What is behind the last recurrent layer.
template <class In, class... Layers>
struct head {
  typedef chain<In, false, false, Layers...> layers;
  typedef typename layers::output output;
  static constexpr index_t states() noexcept { return 0; }
  template <class A>
  static constexpr index_t work() noexcept {
    return layers::template forward_size<A>(1, layers::template carried<A>(1));
  }
  template <class A>
  static const A* step(const A* w, const A* x, A*, A* work_) noexcept {
    return layers::template forward<1>(w, x, work_ + layers::template carried<A>(1), work_, above(), no_chance());
  }
};
template <class In>
struct head<In> {
  typedef In output;
  static constexpr index_t states() noexcept { return 0; }
  template <class A>
  static constexpr index_t work() noexcept {
    return 0;
  }
  template <class A, class X>
  static const A* step(const A*, const X* x, A*, A*) noexcept {
    return x;
  }
};

template <class In, class L, class... Rest>
struct stepping_at;

/// A recurrent layer, and what is behind it. The other case is for one error to be all.
template <bool Recurrent, class In, class L, class... Rest>
struct stepping : head<In> {
  static_assert(Recurrent, "weir: a stepper needs recurrent layers in front: only behind last_output may others stand");
};
template <class In, class L, class... Rest>
struct stepping<true, In, L, Rest...> {
  typedef typename L::template on<In> layer;
  template <bool More, class... Layers>
  struct behind {
    typedef head<shape<layer::units()>, Layers...> type;
  };
  template <class Next, class... Layers>
  struct behind<true, Next, Layers...> {
    typedef stepping_at<typename layer::output, Next, Layers...> type;
  };
  typedef typename behind<(layer::output::rank() > 1), Rest...>::type next;
  typedef typename next::output output;

  static constexpr index_t states() noexcept { return static_cast<index_t>(layer::states() + next::states()); }
  template <class A>
  static constexpr index_t work() noexcept {
    return larger(layer::columns(), next::template work<A>());
  }
  /// The state begins with the output.
  template <class A, class X>
  static const A* step(const A* w, const X* x, A* state, A* work_) noexcept {
    layer::step(w, x, work_, state);
    return next::step(w + layer::parameters(), static_cast<const A*>(state), state + layer::states(), work_);
  }
};

template <class In, class L, class... Rest>
struct stepping_at : stepping<is_recurrent<typename L::template on<In>>::value, In, L, Rest...> {};

}  // namespace detail

/// A model of recurrent layers (and others behind them) on samples of one time step each, as they come: it keeps the states,
/// and gives after each step what the model would give after all steps so far, to the bit if it takes them as one sample.
/// There is no limit to the number of steps; the model's T is for training.
///
///   using net = weir::sequential<weir::input<64, 9>, weir::gru<20>, weir::dense<4>>;
///   static weir::stepper<net> now;  // all zero
///   ...
///   const float* y = now.step(device.weights().data(), acceleration());  // four numbers, valid until the next step
///   if (pause) now.begin();         // a new sequence
///
/// A: what the weights are made of. Memory: the states, and a row of a few times H numbers.
template <class Model, class A = float>
class stepper;

template <class Input, class... Layers, class A>
class stepper<sequential<Input, Layers...>, A> {
  typedef detail::stepping_at<typename Input::type, Layers...> layers;

 public:
  static constexpr index_t inputs() noexcept { return detail::sequence<typename Input::type>::features(); }
  static constexpr index_t outputs() noexcept { return layers::output::size(); }

  /// Begins a new sequence.
  void begin() noexcept { detail::zero_row(state_, layers::states()); }

  /// Takes x[inputs()]; returns outputs() numbers.
  template <class X>
  const A* step(const A* w, const X* x) noexcept {
    return layers::step(w, x, state_, work_);
  }

 private:
  A state_[layers::states()];
  A work_[layers::template work<A>()];
};

}  // namespace WEIR_ABI
}  // namespace weir
