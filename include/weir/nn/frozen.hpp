// SPDX-License-Identifier: MIT
#pragma once

#include <string.h>

#include <weir/nn/chain.hpp>
#include <weir/platform/flash.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// Where the numbers between two frozen layers are: where the caller has them, or at one end of the scratch.
enum class place : uint8_t { outside, low, high };

/// Weights that the processor reads where they are: Source::data().
template <class Source, class = void>
struct frozen_in_place : false_type {};
template <class Source>
struct frozen_in_place<Source, void_t<decltype(Source::data())>> : true_type {};

/// Does a layer make each output from one row of weights and one bias? `row_size()` is how long its rows are.
template <class On, class = void>
struct layer_has_rows : false_type {};
template <class On>
struct layer_has_rows<On, void_t<bool_constant<(On::row_size() > 0)>>> : true_type {};

/// How a layer gets its weights. In place: as they are.
template <class Source, class Layer, bool InPlace, bool Rows>
struct frozen_weights {
  static constexpr index_t copied() noexcept { return 0; }
  template <index_t B, class A, class X>
  static void forward(index_t from, const X* x, A* y, const layer_memory<A>& m, A*) noexcept {
    static_assert(is_same<typename remove_reference<decltype(*Source::data())>::type, const A>::value,
                  "weir: frozen layers' data() must point to constants of the type that the model computes with");
    Layer::template forward<B>(Source::data() + from, x, y, m);
  }
};

/// n weights out of a table of floats, or of the raw units of a fixed-point format.
template <class Source, class A>
void read_frozen(index_t from, A* to, index_t n) noexcept {
  typedef typename remove_reference<decltype(Source::table())>::type table;
  typename table::value_type* const raw = reinterpret_cast<typename table::value_type*>(to);
  static_assert(
      sizeof *raw == sizeof *to,
      "weir: frozen layers' table() holds floats for a model of floats, int16_t for fixed16, int8_t for fixed8");
  Source::table().read(from, raw, n);
}

/// Out of a table, all of a layer's.
template <class Source, class Layer>
struct frozen_weights<Source, Layer, false, false> {
  static constexpr index_t copied() noexcept { return Layer::parameters(); }
  template <index_t B, class A, class X>
  static void forward(index_t from, const X* x, A* y, const layer_memory<A>& m, A* copy) noexcept {
    read_frozen<Source>(from, copy, Layer::parameters());
    Layer::template forward<B>(static_cast<const A*>(copy), x, y, m);
  }
};

/// Out of a table, row by row.
template <class Source, class Layer>
struct frozen_weights<Source, Layer, false, true> {
  static constexpr index_t copied() noexcept { return static_cast<index_t>(Layer::row_size() + 1); }
  template <index_t B, class A, class X>
  static void forward(index_t from, const X* x, A* y, const layer_memory<A>&, A* copy) noexcept {
    constexpr index_t Row = Layer::row_size(), Outputs = Layer::output::size();
    for (index_t o = 0; o < Outputs; ++o) {
      read_frozen<Source>(static_cast<index_t>(from + o * Row), copy, Row);
      read_frozen<Source>(static_cast<index_t>(from + Outputs * Row + o), copy + Row, 1);
      for (index_t b = 0; b < B; ++b) Layer::row(static_cast<const A*>(copy), x + b * Row, y + b * Outputs + o);
    }
  }
};

/// Frozen layers from one on. What is between two of them is at one end of the scratch, and then at the other.
template <class Source, index_t From, class In, class... Layers>
struct frozen_chain {
  typedef In output;
  static constexpr index_t parameters() noexcept { return 0; }
  static constexpr uint32_t fingerprint(uint32_t so_far) noexcept { return so_far; }
  template <class A>
  static constexpr index_t scratch(index_t, place) noexcept {
    return 0;
  }
  template <index_t B, place Where, index_t Total, class A, class X>
  static void forward(const X*, A*, A*) noexcept {}
};

template <class Source, index_t From, class In, class L, class... Rest>
struct frozen_chain<Source, From, In, L, Rest...> : require_layer<L, In> {
  typedef typename L::template on<In> layer;
  typedef frozen_chain<Source, From + layer::parameters(), typename layer::output, Rest...> rest;
  typedef typename rest::output output;
  typedef frozen_weights<Source, layer, frozen_in_place<Source>::value || layer::parameters() == 0,
                         layer_has_rows<layer>::value>
      weights;
  static_assert(layer::template carried<float>(1) == 0,
                "weir: layers that carry state from one batch to the next cannot be frozen");

  static constexpr index_t parameters() noexcept {
    return static_cast<index_t>(layer::parameters() + rest::parameters());
  }
  static constexpr uint32_t fingerprint(uint32_t so_far) noexcept {
    return rest::fingerprint(mix(so_far, layer::fingerprint()));
  }
  template <class A>
  static constexpr index_t scratch(index_t batch, place where) noexcept {
    return larger(static_cast<index_t>(in_size(batch, where) + out_size(batch, where) + own<A>(batch)),
                  rest::template scratch<A>(batch, to(where)));
  }

  template <index_t B, place Where, index_t Total, class A, class X>
  static void forward(const X* x, A* y, A* base) noexcept {
    constexpr place To = to(Where);
    constexpr index_t Low = Where == place::low ? in_size(B, Where) : To == place::low ? out_size(B, Where) : 0;
    A* const out = To == place::outside ? y : To == place::low ? base : base + (Total - B * layer::output::size());
    A* const kept = base + Low;
    A* const copy = kept + layer::template kept<A>(B) + layer::template scratch<A>(B);
    const layer_memory<A> m = {kept, nullptr, kept + layer::template kept<A>(B), nullptr, 0};
    run<B>(x, out, m, copy, bool_constant<(layer::parameters() > 0)>());
    rest::template forward<B, To, Total>(static_cast<const A*>(out), y, base);
  }

 private:
  static constexpr bool last() noexcept { return sizeof...(Rest) == 0; }
  static constexpr place to(place from) noexcept {
    return last()                                        ? place::outside
           : layer::in_place() && from != place::outside ? from
           : from == place::low                          ? place::high
                                                         : place::low;
  }
  static constexpr index_t in_size(index_t batch, place where) noexcept {
    return static_cast<index_t>(where == place::outside ? 0 : batch * In::size());
  }
  static constexpr index_t out_size(index_t batch, place where) noexcept {
    return static_cast<index_t>(to(where) == place::outside || to(where) == where ? 0 : batch * layer::output::size());
  }
  template <class A>
  static constexpr index_t own(index_t batch) noexcept {
    return static_cast<index_t>(layer::template kept<A>(batch) + layer::template scratch<A>(batch) + weights::copied());
  }

  template <index_t B, class A, class X>
  static void run(const X* x, A* y, const layer_memory<A>& m, A* copy, true_type) noexcept {
    weights::template forward<B>(From, x, y, m, copy);
  }
  template <index_t B, class A, class X>
  static void run(const X* x, A* y, const layer_memory<A>& m, A*, false_type) noexcept {
    layer::template forward<B>(static_cast<const A*>(nullptr), x, y, m);
  }
};

}  // namespace detail

/// Layers that were trained elsewhere, in front of those that are trained here: their weights are constants, in flash on a
/// microcontroller, and take no residual, no gradient and no bytes on the wire. Out of training they run as they are; dropout
/// inside does nothing, batch norm takes its running statistics.
///
/// `Source` says where the weights are, all layers' one after the other as `sequential` has them, and which they are:
///
///   struct trunk {
///     static const float* data();                               in memory that the processor can read, or
///     static const weir::flash_table<int16_t, N>& table();      in program memory: floats, or raw units of a fixed16
///     static constexpr uint32_t id();                           part of the fingerprint: nodes of a fleet have the same
///   };
///   typedef weir::sequential<weir::input<64>, weir::frozen<trunk, weir::dense<16>, weir::relu>, weir::dense<10>> net;
///
/// RAM: the outputs of two layers at a time; out of a table also one row of a dense layer's weights, or all of another's.
template <class Source, class... Layers>
struct frozen {
  static_assert(sizeof...(Layers) > 0, "weir: frozen<source, layers...> needs at least one layer");

  template <class In>
  struct on : layer_defaults {
    typedef detail::frozen_chain<Source, 0, In, Layers...> layers;
    typedef typename layers::output output;
    static constexpr bool comes_first() noexcept { return true; }
    static constexpr index_t parameters() noexcept { return 0; }
    /// Those that are not trained.
    static constexpr index_t constants() noexcept { return layers::parameters(); }
    static constexpr uint32_t fingerprint() noexcept {
      return mix(layers::fingerprint(name_id("frozen")), Source::id());
    }
    template <class A>
    static constexpr index_t scratch(index_t batch) noexcept {
      return layers::template scratch<A>(batch, detail::place::outside);
    }

    template <class A>
    static void initialize(A*, random_bits&) noexcept {}
    template <index_t B, class A, class X>
    static void forward(const A*, const X* x, A* y, const layer_memory<A>& m) noexcept {
      layers::template forward<B, detail::place::outside, scratch<A>(B)>(x, y, m.scratch);
    }
    template <index_t B, class A, class X>
    static void backward(const A*, const X*, const A*, const layer_memory<A>&, const A*, A*) noexcept {}
    template <index_t B, class A, class X, class Sink>
    static void gradient(const X*, const A*, const layer_memory<A>&, const A*, Sink&, index_t) noexcept {}
  };
};

}  // namespace WEIR_ABI
}  // namespace weir
