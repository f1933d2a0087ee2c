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

  /// The rows, if the input is not already they; and for the gradient a group's sums, and the larger of these and the
  /// group's deltas, turned over.
  template <class A>
  static constexpr uint64_t scratch(index_t) noexcept {
    return rows_size() + filters() * (static_cast<uint64_t>(depth()) + (depth() < positions() ? positions() : depth()));
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
      if (G::slides()) from_rows(d_rows, dx + group_x);
    });
  }

  /// A group's gradient is summed up over the batch. Where there are filters enough for vectors to run along them it is
  /// [weight][filter], and turned over at last.
  template <index_t B, class Sink>
  static void gradient(const float* x, const float* dy, Sink& sink, index_t offset, float* scratch) noexcept {
    constexpr index_t size = filters() * depth();
    float* const sums = scratch + static_cast<index_t>(rows_size());
    float* const turned = sums + size;
    const kernel::added_to start = {1};
    for (index_t g = 0; g < G::group_count(); ++g) {
      zero(sums, 0, size);
      for (index_t b = 0; b < B; ++b) {
        const float* const seen = rows(x + b * G::inputs() + g * G::group_inputs(), scratch);
        const float* const dy_g = dy + b * G::outputs() + g * filters() * positions();
        if (few()) {
          kernel::product_of_rows<filters(), depth(), positions()>(dy_g, positions(), seen, positions(), sums, depth(),
                                                                   start, kernel::native());
          continue;
        }
        kernel::transpose(dy_g, positions(), filters(), positions(), turned, filters(), kernel::native());
        kernel::product<depth(), filters(), positions()>(seen, positions(), 1, turned, filters(), sums, filters(),
                                                         start, kernel::native());
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

  /// What each weight sees at each position: the input itself where nothing slides.
  static const float* rows(const float* x, float* scratch) noexcept {
    if (!G::slides()) return x;
    float* to = scratch;
    each_weight([&](index_t c, index_t kt, index_t kh, index_t kw) {
      const index_run run = w::outputs_at(kw);
      for (index_t ot = 0; ot < t::out(); ++ot)
        for (index_t oh = 0; oh < h::out(); ++oh, to += w::out()) {
          if (!inside<t>(ot, kt) || !inside<h>(oh, kh) || run.first >= run.end) {
            zero(to, 0, w::out());
            continue;
          }
          const float* const from =
              x + c * G::plane() + G::in_row(t::seen(ot, kt), h::seen(oh, kh)) + w::seen(run.first, kw);
          zero(to, 0, run.first);
          copy(to + run.first, from, static_cast<index_t>(run.end - run.first));
          zero(to, run.end, w::out());
        }
    });
    return scratch;
  }

  /// The sum of all that was seen of each input.
  static void from_rows(const float* d_rows, float* dx) noexcept {
    zero(dx, 0, G::group_inputs());
    each_weight([&](index_t c, index_t kt, index_t kh, index_t kw) {
      const index_run run = w::outputs_at(kw);
      for (index_t ot = 0; ot < t::out(); ++ot)
        for (index_t oh = 0; oh < h::out(); ++oh, d_rows += w::out()) {
          if (!inside<t>(ot, kt) || !inside<h>(oh, kh) || run.first >= run.end) continue;
          float* const to = dx + c * G::plane() + G::in_row(t::seen(ot, kt), h::seen(oh, kh)) + w::seen(run.first, kw);
          for (index_t i = 0; i < run.end - run.first; ++i) to[i * w::step()] += d_rows[run.first + i];
        }
    });
  }

  template <class Use>
  static void each_weight(Use use) noexcept {
    for (index_t c = 0; c < G::group_in(); ++c)
      for (index_t kt = 0; kt < t::taps(); ++kt)
        for (index_t kh = 0; kh < h::taps(); ++kh)
          for (index_t kw = 0; kw < w::taps(); ++kw) use(c, kt, kh, kw);
  }
  template <class Axis>
  static bool inside(index_t o, index_t k) noexcept {
    const index_run run = Axis::outputs_at(k);
    return run.first <= o && o < run.end;
  }
  static void zero(float* v, index_t first, index_t end) noexcept {
    for (index_t i = first; i < end; ++i) v[i] = 0;
  }
  static void copy(float* to, const float* from, index_t n) noexcept {
    if (w::step() == 1)
      memcpy(to, from, n * sizeof(float));
    else
      for (index_t i = 0; i < n; ++i) to[i] = from[i * w::step()];
  }
};

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
