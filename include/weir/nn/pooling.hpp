// SPDX-License-Identifier: MIT
// Pools: each channel by itself, over one, two or three axes. No weights, no memory.
#pragma once

#include <weir/nn/convert.hpp>
#include <weir/nn/mean_of_sum.hpp>
#include <weir/nn/window_options.hpp>
#include <weir/policy/layer.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// The cells of a window at one output that see inputs: rows of `width` cells, `count` cells in all.
template <class G>
struct pool_cells {
  index_run t, h, w;
  index_t ot, oh, ow;

  pool_cells(index_t t_, index_t h_, index_t w_) noexcept
      : t(G::t::taps_at(t_)), h(G::h::taps_at(h_)), w(G::w::taps_at(w_)), ot(t_), oh(h_), ow(w_) {}
  index_t width() const noexcept { return static_cast<index_t>(w.end - w.first); }
  index_t count() const noexcept { return static_cast<index_t>((t.end - t.first) * (h.end - h.first) * width()); }
  index_t first() const noexcept { return row(t.first, h.first); }
  /// use(where in the plane a row begins), in ascending order.
  template <class Use>
  void each_row(Use use) const noexcept {
    for (index_t i = t.first; i < t.end; ++i)
      for (index_t j = h.first; j < h.end; ++j) use(row(i, j));
  }

 private:
  index_t row(index_t kt, index_t kh) const noexcept {
    return static_cast<index_t>(G::in_row(G::t::seen(ot, kt), G::h::seen(oh, kh)) + G::w::seen(ow, w.first));
  }
};

/// The largest cell; a gradient goes to the first of equals, found again in the input.
template <class G>
struct pool_largest {
  static constexpr uint32_t fingerprint() noexcept { return name_id("max_pool"); }

  template <class A, class X>
  static A value(const X* plane, const pool_cells<G>& cells) noexcept {
    X most = plane[cells.first()];
    cells.each_row([&](index_t row) {
      for (index_t i = row; i < row + cells.width(); ++i) most = most < plane[i] ? plane[i] : most;
    });
    return converted<A>(most);
  }
  template <class A, class X>
  static void backward(const X* plane, const pool_cells<G>& cells, A dy, A* dx) noexcept {
    A& to = dx[largest(plane, cells)];
    to = to + dy;
  }
  /// The same where windows do not overlap, nor see padding, and dx is zero: the window begins at `first`.
  template <class A, class X>
  static void backward_alone(const X* first, A dy, A* dx) noexcept {
    X most = first[0];
    index_t best = 0;
    for (index_t k = 1; k < G::taps(); ++k) {
      const X v = first[place(k)];
      const bool more = most < v;
      best ^= (best ^ place(k)) & static_cast<index_t>(-static_cast<index_t>(more));  // no branch, as below
      most = more ? v : most;
    }
    dx[best] = dy;
  }

 private:
  /// Where the window's cell k is, from its first.
  static constexpr index_t place(index_t k) noexcept {
    return static_cast<index_t>(G::in_row(k / (G::h::taps() * G::w::taps()), k / G::w::taps() % G::h::taps()) +
                                k % G::w::taps());
  }
  template <class X>
  static index_t largest(const X* plane, const pool_cells<G>& cells) noexcept {
    index_t best = cells.first();
    X most = plane[best];
    cells.each_row([&](index_t row) {
      for (index_t i = row; i < row + cells.width(); ++i) {
        const bool more = most < plane[i];
        best ^= (best ^ i) & static_cast<index_t>(-static_cast<index_t>(more));  // no branch: nobody could foretell it
        most = more ? plane[i] : most;
      }
    });
    return best;
  }
};

/// The mean of the cells that see inputs.
template <class G>
struct pool_mean {
  static constexpr uint32_t fingerprint() noexcept { return name_id("average_pool"); }

  template <class A, class X>
  static A value(const X* plane, const pool_cells<G>& cells) noexcept {
    plain_sum<X, G::taps()> sum;
    sum.sum = 0;
    cells.each_row([&](index_t row) { sum.add(plane + row, cells.width()); });
    return mean_of_sum<A>::of(sum, cells.count());
  }
  template <class A, class X>
  static void backward(const X*, const pool_cells<G>& cells, A dy, A* dx) noexcept {
    if (dy == A()) return;
    shares<A> share(dy, cells.count());
    cells.each_row([&](index_t row) {
      for (index_t i = row; i < row + cells.width(); ++i) dx[i] = dx[i] + share.next();
    });
  }
};

template <class Of, class = void>
struct pool_has_alone : false_type {};
template <class Of>
struct pool_has_alone<Of, void_t<decltype(Of::backward_alone(declval<const float*>(), 0.0f, declval<float*>()))>>
    : true_type {};

/// The layer: how a window slides over `In`, and what becomes of its cells.
template <class In, class Output, class G, class Of>
struct pool : layer_defaults {
  static_assert(G::t::before() < G::t::taps() && G::h::before() < G::h::taps() && G::w::before() < G::w::taps(),
                "weir: the padding of a pool must be less than its window, which would else see nothing");
  typedef Output output;
  static constexpr index_t parameters() noexcept { return 0; }
  static constexpr uint32_t fingerprint() noexcept { return G::fingerprint(Of::fingerprint()); }

  template <class A>
  static void initialize(A*, random_bits&) noexcept {}

  template <index_t B, class A, class X>
  static void forward(const A*, const X* x, A* y, const layer_memory<A>&) noexcept {
    for (index_t c = 0; c < B * G::channels(); ++c, x += G::plane())
      each_output([&](const pool_cells<G>& cells) { *y++ = Of::template value<A>(x, cells); });
  }
  template <index_t B, class A, class X>
  static void backward(const A*, const X* x, const A*, const layer_memory<A>&, const A* dy, A* dx) noexcept {
    for (index_t i = 0; i < B * In::size(); ++i) dx[i] = A();
    for (index_t c = 0; c < B * G::channels(); ++c, x += G::plane(), dx += G::plane(), dy += G::positions())
      backward_of_plane(x, dy, dx, bool_constant < alone() && pool_has_alone<Of>::value > ());
  }
  template <index_t B, class A, class X, class Sink>
  static void gradient(const X*, const A*, const layer_memory<A>&, const A*, Sink&, index_t) noexcept {}

 private:
  /// No windows overlap, or see padding.
  static constexpr bool alone() noexcept {
    return alone<typename G::t>() && alone<typename G::h>() && alone<typename G::w>();
  }
  template <class Axis>
  static constexpr bool alone() noexcept {
    return Axis::inside() && Axis::step() >= Axis::taps();
  }
  template <class A, class X>
  static void backward_of_plane(const X* x, const A* dy, A* dx, true_type) noexcept {
    for (index_t t = 0; t < G::t::out(); ++t)
      for (index_t h = 0; h < G::h::out(); ++h) {
        const index_t row = G::in_row(G::t::seen(t, 0), G::h::seen(h, 0));
        for (index_t w = 0; w < G::w::out(); ++w)
          Of::backward_alone(x + row + G::w::seen(w, 0), dy[G::out_row(t, h) + w], dx + row + G::w::seen(w, 0));
      }
  }
  template <class A, class X>
  static void backward_of_plane(const X* x, const A* dy, A* dx, false_type) noexcept {
    each_output([&](const pool_cells<G>& cells) { Of::backward(x, cells, *dy++, dx); });
  }

  template <class Use>
  static void each_output(Use use) noexcept {
    for (index_t t = 0; t < G::t::out(); ++t)
      for (index_t h = 0; h < G::h::out(); ++h)
        for (index_t w = 0; w < G::w::out(); ++w) use(pool_cells<G>(t, h, w));
  }
};

/// A pool with options.
template <template <class> class Of, class... Options>
struct windowed_pool {
  typedef window_options<Options...> options;
  static_assert(find_option<option::none, void, Options...>::count() + options::dilations::count() +
                        find_option<option::groups, void, Options...>::count() +
                        find_option<option::init, void, Options...>::count() ==
                    0,
                "weir: options of a pool are window<...>, stride<...>, and padding<...> or same");

  template <class In>
  struct sizes {
    static_assert(In::rank() >= 2 && In::rank() <= 4,
                  "weir: a pool needs an input of channels and one, two or three axes behind them");
    static_assert(
        options::fit(In::rank() - 1),
        "weir: window<...>, stride<...> and padding<...> of a pool need one number for each axis of its input "
        "behind the channels");
    typedef typename conditional<options::strides::count() == 0, typename options::window_type,
                                 typename options::stride_type>::type moves;
    typedef sliding<In, typename options::window_type, moves, typename options::padding_type, dilation<>> type;
  };
  template <class In>
  struct on : pool<In, typename sizes<In>::type::template output<sizes<In>::type::channels()>::type,
                   typename sizes<In>::type, Of<typename sizes<In>::type>> {};
};

/// A pool over all there is of each channel.
template <template <class> class Of>
struct global_pool {
  template <class In>
  struct sizes {
    static_assert(In::rank() >= 2, "weir: a pool needs an input of channels and at least one axis behind them");
    static constexpr index_t channels() noexcept { return number_at<0, 1, In>::get(); }
    typedef shape<channels()> output;
    typedef shape<channels(), In::size() / channels()> flat;
    typedef sliding<flat, window<In::size() / channels()>, stride<>, padding<>, dilation<>> type;
  };
  template <class In>
  struct on : pool<In, typename sizes<In>::output, typename sizes<In>::type, Of<typename sizes<In>::type>> {};
};

}  // namespace detail

/// The largest of each window: max_pool<window<2, 2>> of shape<channels, height, width>, with stride<...> (else it moves by
/// its own size), padding<...> or same, in any order. Padding is never the largest.
template <class... Options>
struct max_pool : detail::windowed_pool<detail::pool_largest, Options...> {};

/// The mean of each window, with the same options. It is the mean of real cells: padding does not count, neither above nor
/// below the line.
template <class... Options>
struct average_pool : detail::windowed_pool<detail::pool_mean, Options...> {};

/// The largest of each channel, the mean of each channel: of shape<channels, ...> they make shape<channels>.
struct global_max_pool : detail::global_pool<detail::pool_largest> {};
struct global_average_pool : detail::global_pool<detail::pool_mean> {};

}  // namespace WEIR_ABI
}  // namespace weir
