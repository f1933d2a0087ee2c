// SPDX-License-Identifier: MIT
// Convolutions of floats as products of matrices: what the window sees at each position is laid out in scratch, a row for
// each weight of a filter (im2col), for one group of one sample at a time. Vectors run along the positions.
#pragma once

#include <string.h>

#include <weir/kernel/product.hpp>
#include <weir/nn/convolution_by_position.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

template <class G>
struct convolution_by_matrix {
  typedef typename G::t t;
  typedef typename G::h h;
  typedef typename G::w w;
  static constexpr index_t filters() noexcept { return G::group_out(); }
  static constexpr index_t depth() noexcept { return G::depth(); }
  static constexpr index_t positions() noexcept { return G::positions(); }

  /// The rows, if the input is not already they; the input in a frame of zeros, if windows see padding; and for the gradient
  /// a group's sums, and the larger of these and the group's deltas, turned over.
  template <class A>
  static constexpr uint64_t scratch(index_t) noexcept {
    return rows_size() + frame_size() +
           filters() * (static_cast<uint64_t>(depth()) + (depth() < positions() ? positions() : depth()));
  }

  template <index_t B>
  static void forward(const float* weights, const float* x, float* y, float* scratch) noexcept {
    each_group<B>([=](index_t g, index_t group_x, index_t group_y) {
      const kernel::from_row_bias bias = {weights + G::biases_at() + g * filters()};
      kernel::product<filters(), positions(), depth()>(of_group(weights, g), depth(), 1, rows(x + group_x, scratch),
                                                       positions(), y + group_y, positions(), bias, kernel::native());
    });
  }

  template <index_t B>
  static void backward(const float* weights, const float* dy, float* dx, float* scratch) noexcept {
    each_group<B>([=](index_t g, index_t group_x, index_t group_y) {
      float* const d_rows = G::slides() ? scratch : dx + group_x;
      kernel::product<depth(), positions(), filters()>(of_group(weights, g), 1, depth(), dy + group_y, positions(),
                                                       d_rows, positions(), kernel::from_zero(), kernel::native());
      if (G::slides()) from_rows(d_rows, dx + group_x, scratch + static_cast<index_t>(rows_size()));
    });
  }

  /// A group's gradient is summed up over the batch. Where there are filters enough for vectors to run along them it is
  /// [weight][filter], and turned over at last.
  template <index_t B, class Sink>
  static void gradient(const float* x, const float* dy, Sink& sink, index_t offset, float* scratch) noexcept {
    constexpr index_t size = filters() * depth();
    float* const sums = scratch + static_cast<index_t>(rows_size() + frame_size());
    float* const turned = sums + size;
    for (index_t g = 0; g < G::group_count(); ++g) {
      zero(sums, size);
      for (index_t b = 0; b < B; ++b) {
        const float* const seen = rows(x + b * G::inputs() + g * G::group_inputs(), scratch);
        const float* const dy_g = dy + b * G::outputs() + g * filters() * positions();
        if (few()) {
          kernel::product_of_rows<filters(), depth(), positions()>(dy_g, positions(), seen, positions(), sums, depth(),
                                                                   kernel::onto(), kernel::native());
          continue;
        }
        kernel::transpose(dy_g, positions(), filters(), positions(), turned, filters(), kernel::native());
        kernel::product<depth(), filters(), positions()>(seen, positions(), 1, turned, filters(), sums, filters(),
                                                         kernel::onto(), kernel::native());
      }
      if (!few()) kernel::transpose(sums, filters(), depth(), filters(), turned, depth(), kernel::native());
      sink.add(static_cast<index_t>(offset + g * size), static_cast<const float*>(few() ? sums : turned), size);
    }
    add_bias_gradient<B, G::channels_out(), positions()>(dy, sink, static_cast<index_t>(offset + G::biases_at()));
  }

 private:
  static constexpr bool few() noexcept { return filters() < 8; }
  static constexpr uint64_t rows_size() noexcept {
    return G::slides() ? static_cast<uint64_t>(depth()) * positions() : 0;
  }
  /// For each group of each sample: use(group, where its inputs begin, where its outputs do).
  template <index_t B, class Use>
  static void each_group(Use use) noexcept {
    for (index_t i = 0; i < B * G::group_count(); ++i)
      use(static_cast<index_t>(i % G::group_count()), static_cast<index_t>(i * G::group_inputs()),
          static_cast<index_t>(i * filters() * positions()));
  }
  static const float* of_group(const float* weights, index_t g) noexcept { return weights + g * filters() * depth(); }

  /// Do windows see padding?
  static constexpr bool framed() noexcept { return !G::inside(); }
  /// Rows and planes of what windows slide over.
  static constexpr index_t row() noexcept { return framed() ? w::framed() : w::in(); }
  static constexpr index_t sheet() noexcept { return static_cast<index_t>((framed() ? h::framed() : h::in()) * row()); }
  static constexpr uint64_t plane() noexcept {
    return static_cast<uint64_t>(framed() ? t::framed() : t::in()) * sheet();
  }
  static constexpr uint64_t frame_size() noexcept { return G::slides() && framed() ? G::group_in() * plane() : 0; }

  /// use(input row, the same row in the frame) for all rows that windows see.
  template <class Use>
  static void each_framed_row(Use use) noexcept {
    for (index_t c = 0; c < G::group_in(); ++c)
      for (index_t it = 0; it < t::framed_inputs(); ++it)
        for (index_t ih = 0; ih < h::framed_inputs(); ++ih)
          use(static_cast<index_t>(c * G::plane() + G::in_row(it, ih)),
              static_cast<index_t>(c * plane() + (it + t::before()) * sheet() + (ih + h::before()) * row() +
                                   w::before()));
  }

  /// use(where a weight sees the first position, in what windows slide over) for all weights.
  template <class Use>
  static void each_weight(Use use) noexcept {
    for (index_t c = 0; c < G::group_in(); ++c)
      for (index_t kt = 0; kt < t::taps(); ++kt)
        for (index_t kh = 0; kh < h::taps(); ++kh)
          for (index_t kw = 0; kw < w::taps(); ++kw)
            use(static_cast<index_t>(c * plane() + kt * t::spread() * sheet() + kh * h::spread() * row() +
                                     kw * w::spread()));
  }
  /// use(the same of a row of positions) for all of them.
  template <class Use>
  static void each_row_of_positions(Use use) noexcept {
    for (index_t ot = 0; ot < t::out(); ++ot)
      for (index_t oh = 0; oh < h::out(); ++oh)
        use(static_cast<index_t>(ot * t::step() * sheet() + oh * h::step() * row()));
  }

  /// What each weight sees at each position: the input itself where nothing slides.
  static const float* rows(const float* x, float* scratch) noexcept {
    if (!G::slides()) return x;
    const float* from = x;
    if (framed()) {
      float* const frame = scratch + static_cast<index_t>(rows_size());
      zero(frame, static_cast<index_t>(frame_size()));
      each_framed_row([=](index_t in, index_t out) {
        for (index_t i = 0; i < w::framed_inputs(); ++i) frame[out + i] = x[in + i];
      });
      from = frame;
    }
    float* to = scratch;
    each_weight([&](index_t first) {
      each_row_of_positions([&](index_t at) {
        const float* const seen = from + first + at;
        for (index_t i = 0; i < w::out(); ++i) to[i] = seen[i * w::step()];
        to += w::out();
      });
    });
    return scratch;
  }

  /// The sum of all that was seen of each input.
  static void from_rows(const float* d_rows, float* dx, float* frame) noexcept {
    float* const sums = framed() ? frame : dx;
    zero(sums, static_cast<index_t>(framed() ? frame_size() : G::group_inputs()));
    each_weight([&](index_t first) {
      each_row_of_positions([&](index_t at) {
        float* const seen = sums + first + at;
        for (index_t i = 0; i < w::out(); ++i) seen[i * w::step()] += d_rows[i];
        d_rows += w::out();
      });
    });
    if (!framed()) return;
    zero(dx, G::group_inputs());
    each_framed_row([=](index_t in, index_t out) {
      for (index_t i = 0; i < w::framed_inputs(); ++i) dx[in + i] = frame[out + i];
    });
  }

  static void zero(float* v, index_t n) noexcept { memset(static_cast<void*>(v), 0, n * sizeof *v); }
};

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
