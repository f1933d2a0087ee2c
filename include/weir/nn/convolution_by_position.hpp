// SPDX-License-Identifier: MIT
// Convolutions position by position: for small machines and for fixed point. What the window sees there is gathered in
// scratch first, once for all outputs, so that products run along memory without gaps.
#pragma once

#include <weir/nn/sum_of.hpp>
#include <weir/nn/window.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// Hands over the gradient of one bias for each channel: the sum of its deltas, dy[B][Channels][Positions].
template <index_t B, index_t Channels, index_t Positions, class A, class Sink>
void add_bias_gradient(const A* dy, Sink& sink, index_t offset) noexcept {
  typedef plain_sum<A, static_cast<uint32_t>(B) * Positions> sum;
  for (index_t first = 0; first < Channels; first = static_cast<index_t>(first + sums_at_a_time())) {
    const index_t n = static_cast<index_t>(Channels - first < sums_at_a_time() ? Channels - first : sums_at_a_time());
    sum sums[sums_at_a_time()];
    for (index_t i = 0; i < n; ++i) {
      sums[i].sum = 0;
      for (index_t b = 0; b < B; ++b) sums[i].add(dy + (b * Channels + first + i) * Positions, Positions);
    }
    add_sums(sink, static_cast<index_t>(offset + first), static_cast<const sum*>(sums), n);
  }
}

/// Where inputs X are gathered, in room for as many A.
inline float* place_for(float* scratch, const float*) noexcept { return scratch; }
template <class A, int8_t FA, class X, int8_t FX>
fixed<X, FX>* place_for(fixed<A, FA>* scratch, const fixed<X, FX>*) noexcept {
  static_assert(sizeof(X) <= sizeof(A), "weir: inputs of a convolution have at most as many bits as its weights");
  return reinterpret_cast<fixed<X, FX>*>(scratch);
}

/// Is a sum of so many products of A and X an integer of 32 bits?
template <class A, class X>
struct fits32 {
  static constexpr bool sum(uint64_t) noexcept { return false; }
};
template <class A, int8_t FA, class X, int8_t FX>
struct fits32<fixed<A, FA>, fixed<X, FX>> {
  static constexpr bool sum(uint64_t terms) noexcept {
    return sizeof(A) + sizeof(X) < 4 && terms < UINT64_C(1) << (33 - 8 * (sizeof(A) + sizeof(X)));
  }
};

/// G: the convolution's sizes; see weir/nn/convolution.hpp.
template <class G>
struct convolution_by_position {
  typedef typename G::t t;
  typedef typename G::h h;
  typedef typename G::w w;

  /// What a filter sees, or all that comes back to an input.
  template <class A>
  static constexpr uint64_t scratch(index_t) noexcept {
    return G::depth() > deltas() ? G::depth() : deltas();
  }

  template <index_t B, class A, class X>
  static void forward(const A* weights, const X* x, A* y, A* scratch) noexcept {
    for (index_t b = 0; b < B; ++b, x += G::inputs(), y += G::outputs())
      for (index_t g = 0; g < G::group_count(); ++g)
        each<typename t::outputs, typename h::outputs, typename w::outputs>([=](index_t p, index_t ot, index_t oh,
                                                                                index_t ow) {
          X* const seen = place_for(scratch, x);
          gather_inputs(x + g * G::group_inputs(), ot, oh, ow, seen);
          for (index_t o = g * G::group_out(); o < (g + 1) * G::group_out(); ++o)
            y[o * G::positions() + p] = dot<G::depth()>(weights + o * G::depth(), seen, weights[G::biases_at() + o]);
        });
  }

  /// Each delta of an input is a sum over the outputs that it went to.
  template <index_t B, class A>
  static void backward(const A* weights, const A* dy, A* dx, A* scratch) noexcept {
    for (index_t b = 0; b < B; ++b, dy += G::outputs())
      for (index_t g = 0; g < G::group_count(); ++g, dx += G::group_inputs())
        each<typename t::inputs, typename h::inputs, typename w::inputs>([=](index_t p, index_t it, index_t ih,
                                                                             index_t iw) {
          gather_deltas(dy + g * G::group_out() * G::positions(), it, ih, iw, scratch);
          const A* const filters = weights + g * G::group_out() * G::depth();
          for (index_t c = 0; c < G::group_in(); ++c) {
            sum_of<A, A, deltas()> sum;
            sum.start(A());
            if (along_taps())
              for (index_t o = 0; o < G::group_out(); ++o)
                sum.template add<1, 1>(filters + o * G::depth() + c * G::taps(), scratch + o * G::taps(), G::taps());
            else
              for (index_t k = 0; k < G::taps(); ++k)
                sum.template add<G::depth(), 1>(filters + c * G::taps() + k, scratch + k * G::group_out(),
                                                G::group_out());
            dx[c * G::plane() + p] = sum.nearest();
          }
        });
  }

  /// Each weight's gradient is a sum over batch and positions; so many weights of a filter at a time.
  template <index_t B, class A, class X, class Sink>
  static void gradient(const X* x, const A* dy, Sink& sink, index_t offset, A*) noexcept {
    constexpr uint64_t Terms = static_cast<uint64_t>(B) * G::positions();
    add_filters<B>(x, dy, sink, offset, bool_constant<(G::inside() && fits32<A, X>::sum(Terms))>());
    add_bias_gradient<B, G::channels_out(), G::positions()>(dy, sink, static_cast<index_t>(offset + G::biases_at()));
  }

 private:
  template <index_t B, class A, class X, class Sink>
  static void add_filters(const X* x, const A* dy, Sink& sink, index_t offset, false_type) noexcept {
    typedef sum_of<A, X, static_cast<uint32_t>(B) * G::positions()> sum;
    for (index_t o = 0; o < G::channels_out(); ++o) {
      const X* const seen = x + G::group_of(o) * G::group_inputs();
      tap at = {0, 0, 0, 0};
      for (index_t k = 0; k < G::depth();) {
        sum sums[sums_at_a_time()];
        index_t n = 0;
        for (; n < sums_at_a_time() && k + n < G::depth(); ++n, at.advance())
          add_products<B>(seen + at.c * G::plane(), dy + o * G::positions(), at, sums[n]);
        add_sums(sink, static_cast<index_t>(offset + o * G::depth() + k), static_cast<const sum*>(sums), n);
        k = static_cast<index_t>(k + n);
      }
    }
  }

  /// In 32 bits, where windows see nothing but inputs: positions without a delta, and behind relu and max_pool most are,
  /// are passed by.
  template <index_t B, class A, int8_t FA, class X, int8_t FX, class Sink>
  static void add_filters(const fixed<X, FX>* x, const fixed<A, FA>* dy, Sink& sink, index_t offset,
                          true_type) noexcept {
    for (index_t o = 0; o < G::channels_out(); ++o) {
      const fixed<X, FX>* const seen = x + G::group_of(o) * G::group_inputs();
      tap at = {0, 0, 0, 0};
      for (index_t k = 0; k < G::depth();) {
        int32_t sums[sums_at_a_time()];
        index_t cells[sums_at_a_time()], n = 0;
        for (; n < sums_at_a_time() && k + n < G::depth(); ++n, at.advance()) {
          sums[n] = 0;
          cells[n] = static_cast<index_t>(at.c * G::plane() + G::in_row(t::seen(0, at.kt), h::seen(0, at.kh)) +
                                          w::seen(0, at.kw));
        }
        for (index_t b = 0; b < B; ++b)
          each<typename t::outputs, typename h::outputs, typename w::outputs>([&](index_t p, index_t ot, index_t oh,
                                                                                  index_t ow) {
            const A d = dy[b * G::outputs() + o * G::positions() + p].raw;
            if (d == 0) return;
            const fixed<X, FX>* const from =
                seen + b * G::inputs() +
                G::in_row(static_cast<index_t>(ot * t::step()), static_cast<index_t>(oh * h::step())) + ow * w::step();
            for (index_t i = 0; i < n; ++i) sums[i] += static_cast<int32_t>(d) * from[cells[i]].raw;
          });
        add_exact<FA, FX>(sink, static_cast<index_t>(offset + o * G::depth() + k), sums, n);
        k = static_cast<index_t>(k + n);
      }
    }
  }

  /// bias + a . x
  template <index_t N>
  static float dot(const float* a, const float* x, float bias) noexcept {
    return dot_of_gathered<float, N>(a, x, bias);
  }
  template <index_t N, class A, int8_t FA, class X, int8_t FX>
  static fixed<A, FA> dot(const fixed<A, FA>* a, const fixed<X, FX>* x, fixed<A, FA> bias) noexcept {
    return kernel::rounded_dot(a, 1, x, N, bias, kernel::native());
  }

  static constexpr index_t deltas() noexcept { return static_cast<index_t>(G::group_out() * G::taps()); }
  /// Gathered deltas lie [output channel][tap], or the other way around: whichever makes longer runs.
  static constexpr bool along_taps() noexcept { return G::taps() >= G::group_out(); }

  /// One cell of a filter.
  struct tap {
    index_t c, kt, kh, kw;
    void advance() noexcept {
      if (++kw < w::taps()) return;
      kw = 0;
      if (++kh < h::taps()) return;
      kh = 0;
      if (++kt < t::taps()) return;
      kt = 0;
      ++c;
    }
  };

  /// use(number, t, h, w) for all of three extents.
  template <class T, class H, class W, class Use>
  static void each(Use use) noexcept {
    index_t p = 0;
    for (index_t i = 0; i < T::extent(); ++i)
      for (index_t j = 0; j < H::extent(); ++j)
        for (index_t k = 0; k < W::extent(); ++k, ++p) use(p, i, j, k);
  }

  template <class X>
  static void gather_inputs(const X* x, index_t ot, index_t oh, index_t ow, X* to) noexcept {
    const index_run at = t::taps_at(ot), ah = h::taps_at(oh), aw = w::taps_at(ow);
    if (!G::inside())
      for (index_t i = 0; i < G::depth(); ++i) to[i] = X();
    for (index_t c = 0; c < G::group_in(); ++c, x += G::plane(), to += G::taps())
      for (index_t kt = at.first; kt < at.end; ++kt)
        for (index_t kh = ah.first; kh < ah.end; ++kh) {
          const X* from = x + G::in_row(t::seen(ot, kt), h::seen(oh, kh)) + w::seen(ow, aw.first);
          X* cell = to + G::tap_row(kt, kh) + aw.first;
          for (index_t kw = aw.first; kw < aw.end; ++kw, ++cell, from += w::spread()) *cell = *from;
        }
  }

  /// Whether the window's cell k sees input i from some output: then, which.
  template <class Axis>
  static bool sees(index_t i, index_t k, index_t& o) noexcept {
    const index_t from = static_cast<index_t>(i + Axis::before()), at = static_cast<index_t>(k * Axis::spread());
    if (from < at || (from - at) % Axis::step() != 0) return false;
    o = static_cast<index_t>((from - at) / Axis::step());
    return o < Axis::out();
  }

  template <class A>
  static void gather_deltas(const A* dy, index_t it, index_t ih, index_t iw, A* to) noexcept {
    constexpr index_t Step = along_taps() ? G::taps() : 1, Next = along_taps() ? 1 : G::group_out();
    for (index_t i = 0; i < deltas(); ++i) to[i] = A();
    index_t ot = 0, oh = 0, ow = 0;
    for (index_t kt = 0; kt < t::taps(); ++kt) {
      if (!sees<t>(it, kt, ot)) continue;
      for (index_t kh = 0; kh < h::taps(); ++kh) {
        if (!sees<h>(ih, kh, oh)) continue;
        for (index_t kw = 0; kw < w::taps(); ++kw) {
          if (!sees<w>(iw, kw, ow)) continue;
          const A* from = dy + G::out_row(ot, oh) + ow;
          A* cell = to + (G::tap_row(kt, kh) + kw) * Next;
          for (index_t o = 0; o < G::group_out(); ++o, from += G::positions(), cell += Step) *cell = *from;
        }
      }
    }
  }

  template <index_t B, class Sum, class X, class A>
  static void add_products(const X* x, const A* dy, const tap& k, Sum& sum) noexcept {
    const index_run at = t::outputs_at(k.kt), ah = h::outputs_at(k.kh), aw = w::outputs_at(k.kw);
    sum.start(A());
    if (aw.first >= aw.end) return;
    const index_t n = static_cast<index_t>(aw.end - aw.first);
    for (index_t b = 0; b < B; ++b, x += G::inputs(), dy += G::outputs())
      for (index_t ot = at.first; ot < at.end; ++ot)
        for (index_t oh = ah.first; oh < ah.end; ++oh)
          sum.template add<1, w::step()>(dy + G::out_row(ot, oh) + aw.first,
                                         x + G::in_row(t::seen(ot, k.kt), h::seen(oh, k.kh)) + w::seen(aw.first, k.kw),
                                         n);
  }
};

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
