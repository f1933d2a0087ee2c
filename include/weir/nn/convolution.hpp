// SPDX-License-Identifier: MIT
// Convolutions over one, two and three axes. Channels come first, and weights lie as PyTorch has them.
#pragma once

#include <weir/nn/convolution_by_matrix.hpp>
#include <weir/nn/convolution_by_rows.hpp>
#include <weir/nn/dense.hpp>
#include <weir/nn/window_options.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// The sizes of a convolution: `Channels` outputs of a window (weir/nn/window.hpp) over groups of channels.
template <class Sliding, index_t Channels, index_t Groups>
struct convolution_sizes : Sliding {
  static constexpr index_t group_count() noexcept { return Groups; }
  static constexpr index_t group_in() noexcept { return static_cast<index_t>(Sliding::channels() / Groups); }
  static constexpr index_t group_out() noexcept { return static_cast<index_t>(Channels / Groups); }
  static constexpr index_t group_of(index_t o) noexcept { return static_cast<index_t>(o / group_out()); }
  static constexpr index_t channels_out() noexcept { return Channels; }
  /// Cells of a sample, of its outputs, and of what one group sees.
  static constexpr index_t inputs() noexcept { return static_cast<index_t>(Sliding::channels() * Sliding::plane()); }
  static constexpr index_t outputs() noexcept { return static_cast<index_t>(Channels * Sliding::positions()); }
  static constexpr index_t group_inputs() noexcept { return static_cast<index_t>(group_in() * Sliding::plane()); }
  /// Weights of one filter; the filters of all outputs come first, then their biases.
  static constexpr index_t depth() noexcept { return static_cast<index_t>(group_in() * Sliding::taps()); }
  static constexpr index_t biases_at() noexcept { return static_cast<index_t>(Channels * depth()); }
  /// There is one position, and it sees everything.
  static constexpr bool sees_all() noexcept {
    return Groups == 1 && Sliding::positions() == 1 && inside() && depth() == inputs();
  }
  static constexpr bool inside() noexcept {
    return Sliding::t::inside() && Sliding::h::inside() && Sliding::w::inside();
  }
};

/// The shape of the weights without the biases.
template <index_t Outputs, index_t Inputs, class Window>
struct filters;
template <index_t Outputs, index_t Inputs, index_t... Taps>
struct filters<Outputs, Inputs, window<Taps...>> {
  typedef shape<Outputs, Inputs, Taps...> type;
};

/// A window as large as its input: a dense layer, whose weights lie just so.
template <class G>
struct convolution_by_dense {
  typedef typename dense<G::channels_out()>::template on<shape<G::inputs()>> layer;
  template <class A>
  static constexpr uint64_t scratch(index_t batch) noexcept {
    return layer::template scratch<A>(batch);
  }
  template <index_t B, class A, class X>
  static void forward(const A* weights, const X* x, A* y, A* scratch) noexcept {
    const layer_memory<A> m = {nullptr, nullptr, scratch, nullptr, 0};
    layer::template forward<B>(weights, x, y, m);
  }
  template <index_t B, class A>
  static void backward(const A* weights, const A* dy, A* dx, A* scratch) noexcept {
    const layer_memory<A> m = {nullptr, nullptr, scratch, nullptr, 0};
    layer::template backward<B>(weights, static_cast<const A*>(nullptr), static_cast<const A*>(nullptr), m, dy, dx);
  }
  template <index_t B, class A, class X, class Sink>
  static void gradient(const X* x, const A* dy, Sink& sink, index_t offset, A* scratch) noexcept {
    const layer_memory<A> m = {nullptr, nullptr, scratch, nullptr, 0};
    layer::template gradient<B>(x, static_cast<const A*>(nullptr), m, dy, sink, offset);
  }
};

template <index_t Axes, index_t Channels, class... Options>
struct convolution {
  static_assert(Channels > 0, "weir: a convolution needs at least one output channel");
  typedef window_options<Options...> options;
  typedef typename find_option<option::groups, groups<1>, Options...>::type groups_type;
  typedef typename find_option<option::init, he_uniform, Options...>::type init;
  static_assert(find_option<option::none, void, Options...>::count() == 0,
                "weir: options of a convolution are window<...>, stride<...>, padding<...> or same, dilation<...>, "
                "groups<N>, and how weights begin: he_uniform, xavier_uniform");
  static_assert(
      options::fit(Axes),
      "weir: window<...>, stride<...>, padding<...> and dilation<...> of a convolution need one number for each "
      "axis: conv1d one, conv2d two (height, width), conv3d three (time, height, width)");
  static_assert(number_at<0, 1, groups_type>::get() > 0, "weir: groups<N> with N of at least 1");
  static constexpr index_t group_count() noexcept {
    return number_at<0, 1, groups_type>::get() == 0 ? 1 : number_at<0, 1, groups_type>::get();
  }

  template <class In>
  struct on : layer_defaults {
    static_assert(In::rank() == Axes + 1,
                  "weir: conv1d needs an input of channels and length, conv2d of channels, height and width, conv3d of "
                  "channels, time, height and width; the shape in front of it has another number of extents");
    typedef sliding<In, typename options::window_type, typename options::stride_type, typename options::padding_type,
                    typename options::dilation_type>
        slid;
    static_assert(slid::channels() % group_count() == 0 && Channels % group_count() == 0,
                  "weir: groups<N> of a convolution must divide its input channels and its output channels");
    typedef convolution_sizes<slid, Channels, (slid::channels() % group_count() == 0 ? group_count() : 1)> sizes;
    typedef typename slid::template output<Channels>::type output;

    static_assert((static_cast<uint64_t>(sizes::group_in()) * slid::taps() + 1) * Channels <= static_cast<index_t>(-1),
                  "weir: this convolution has more weights than index_t can count on this machine");
    static constexpr index_t parameters() noexcept { return static_cast<index_t>(sizes::biases_at() + Channels); }
    static constexpr uint32_t fingerprint() noexcept {
      return mix(mix(slid::fingerprint(name_id("convolution")), Channels), group_count());
    }
    /// Where windows see all there is, a dense layer is the same. Machines with vectors take matrices for floats; what sees
    /// one channel only, and is seen by few, would be a poor matrix.
    template <class A, class X>
    struct way
        : conditional<
              sizes::sees_all(), convolution_by_dense<sizes>,
              typename conditional<
                  !is_same<A, float>::value || !is_same<X, float>::value || kernel::native::lanes() == 1,
                  convolution_by_position<sizes>,
                  typename conditional<
                      (sizes::group_in() == 1 && sizes::group_out() <= 2), convolution_by_rows<sizes>,
                      typename conditional<kernel::vectors<kernel::native>::exist(), convolution_by_matrix<sizes>,
                                           convolution_by_position<sizes>>::type>::type>::type>::type {};

    template <class A>
    static constexpr index_t scratch(index_t batch) noexcept {
      static_assert(way<A, A>::template scratch<A>(1) <= static_cast<index_t>(-1),
                    "weir: this convolution needs more scratch than index_t can count on this machine");
      return static_cast<index_t>(way<A, A>::template scratch<A>(batch));
    }

    template <class A>
    static void initialize(A* w, random_bits& random) noexcept {
      constexpr uint16_t bound = init::bound(sizes::depth(), static_cast<index_t>(sizes::group_out() * slid::taps()));
      fill_uniform(w, sizes::biases_at(), bound, random);
      for (index_t o = 0; o < Channels; ++o) w[sizes::biases_at() + o] = A();
    }
    template <class Visitor>
    static void describe(Visitor& v) {
      v.array("weight", typename filters<Channels, sizes::group_in(), typename options::window_type>::type());
      v.array("bias", shape<Channels>());
    }

    template <index_t B, class A, class X>
    static void forward(const A* w, const X* x, A* y, const layer_memory<A>& m) noexcept {
      way<A, X>::template forward<B>(w, x, y, m.scratch);
    }
    template <index_t B, class A, class X>
    static void backward(const A* w, const X*, const A*, const layer_memory<A>& m, const A* dy, A* dx) noexcept {
      way<A, A>::template backward<B>(w, dy, dx, m.scratch);
    }
    template <index_t B, class A, class X, class Sink>
    static void gradient(const X* x, const A*, const layer_memory<A>& m, const A* dy, Sink& sink,
                         index_t offset) noexcept {
      way<A, X>::template gradient<B>(x, dy, sink, offset, m.scratch);
    }
  };
};

}  // namespace detail

/// y[o][p] = b[o] + the sum over channels c of o's group and cells k of the window of W[o][c][k] * x[c][p * stride + k *
/// dilation - padding]: nothing outside of the input counts. Options in any order, one number for each axis:
///
///   conv1d<8, window<5>>                                      of shape<channels, length>
///   conv2d<16, window<3, 3>, same>                            of shape<channels, height, width>
///   conv2d<32, window<3, 3>, stride<2, 2>, padding<1, 1>, groups<32>>       depthwise where there are 32 channels
///   conv3d<8, window<3, 5, 5>, dilation<1, 2, 2>, xavier_uniform>           of shape<channels, time, height, width>
///
/// Weights: W[out][in / groups][time][height][width], then b. `he_uniform` unless said otherwise, of in / groups * window
/// inputs.
///
/// Scratch: in fixed point, and without vectors, what one position sees (as much as a filter). For floats on machines with
/// vectors, that for all positions of a sample; none where channels are convolved by themselves. A window as large as its
/// input is a dense layer.
/// Fixed point: sums are exact and rounded once, and so is a weight's gradient over the whole batch.
template <index_t Channels, class... Options>
using conv1d = detail::convolution<1, Channels, Options...>;
template <index_t Channels, class... Options>
using conv2d = detail::convolution<2, Channels, Options...>;
template <index_t Channels, class... Options>
using conv3d = detail::convolution<3, Channels, Options...>;

}  // namespace WEIR_ABI
}  // namespace weir
