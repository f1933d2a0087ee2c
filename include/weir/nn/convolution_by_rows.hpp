// SPDX-License-Identifier: MIT
// Convolutions of floats where each output sees one channel (depthwise): one weight times a row at a time, so that vectors
// run along the rows. No memory.
#pragma once

#include <weir/nn/convolution_by_position.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

template <class G>
struct convolution_by_rows : convolution_by_position<G> {
  typedef typename G::t t;
  typedef typename G::h h;
  typedef typename G::w w;

  template <index_t B>
  static void forward(const float* weights, const float* x, float* y, float*) noexcept {
    for (index_t b = 0; b < B; ++b, x += G::inputs())
      for (index_t o = 0; o < G::channels_out(); ++o)
        for (index_t ot = 0; ot < t::out(); ++ot)
          for (index_t oh = 0; oh < h::out(); ++oh, y += w::out()) {
            for (index_t i = 0; i < w::out(); ++i) y[i] = weights[G::biases_at() + o];
            each_tap(weights + o * G::depth(), ot, oh, [=](float a, index_t row, index_run run, index_t seen) {
              const float* const from = x + G::group_of(o) * G::plane() + row + seen;
              for (index_t i = 0; i < run.end - run.first; ++i)
                y[run.first + i] = kernel::multiply_add(a, from[i * w::step()], y[run.first + i]);
            });
          }
  }

  template <index_t B>
  static void backward(const float* weights, const float* dy, float* dx, float*) noexcept {
    for (index_t i = 0; i < B * G::inputs(); ++i) dx[i] = 0;
    for (index_t b = 0; b < B; ++b, dx += G::inputs())
      for (index_t o = 0; o < G::channels_out(); ++o)
        for (index_t ot = 0; ot < t::out(); ++ot)
          for (index_t oh = 0; oh < h::out(); ++oh, dy += w::out())
            each_tap(weights + o * G::depth(), ot, oh, [=](float a, index_t row, index_run run, index_t seen) {
              float* const to = dx + G::group_of(o) * G::plane() + row + seen;
              for (index_t i = 0; i < run.end - run.first; ++i)
                to[i * w::step()] = kernel::multiply_add(a, dy[run.first + i], to[i * w::step()]);
            });
  }

 private:
  /// For all cells of a filter that output row (ot, oh) sees inputs through: use(weight, input row, outputs that do, the
  /// first cell of the row that they see).
  template <class Use>
  static void each_tap(const float* filter, index_t ot, index_t oh, Use use) noexcept {
    const index_run at = t::taps_at(ot), ah = h::taps_at(oh);
    for (index_t kt = at.first; kt < at.end; ++kt)
      for (index_t kh = ah.first; kh < ah.end; ++kh)
        for (index_t kw = 0; kw < w::taps(); ++kw) {
          const index_run run = w::outputs_at(kw);
          if (run.first < run.end)
            use(filter[G::tap_row(kt, kh) + kw], G::in_row(t::seen(ot, kt), h::seen(oh, kh)), run,
                w::seen(run.first, kw));
        }
  }
};

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
