// SPDX-License-Identifier: MIT
#pragma once

#include <weir/nn/activation.hpp>
#include <weir/nn/recurrent.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// Kept: i, f, g, o, and c before the step.
struct lstm_cell {
  static constexpr index_t gates() noexcept { return 4; }
  static constexpr index_t apart() noexcept { return 0; }
  static constexpr index_t states() noexcept { return 2; }
  static constexpr index_t kept() noexcept { return 5; }
  static constexpr uint32_t fingerprint() noexcept { return name_id("lstm"); }

  /// The forget gate's bias is 1, so that at first states last (Jozefowicz et al., ICML 2015).
  template <index_t H, class A>
  static void initialize_biases(A* b) noexcept {
    for (index_t i = H; i < 2 * H; ++i) set_weight(b[i], static_cast<int32_t>(1) << 22);
  }

  template <index_t H, class A>
  static void forward(A* __restrict__ k, A* __restrict__ h, A* __restrict__ c) noexcept {
    sigmoids(k, 2 * H);
    tanhs(k + 2 * H, H);
    sigmoids(k + 3 * H, H);
    for (index_t i = 0; i < H; ++i) {
      k[4 * H + i] = c[i];
      c[i] = k[H + i] * c[i] + k[i] * k[2 * H + i];
      h[i] = c[i];
    }
    tanhs(h, H);
    for (index_t i = 0; i < H; ++i) h[i] = k[3 * H + i] * h[i];
  }
  template <index_t H, class A>
  static void backward(A* __restrict__ k, const A*, A* __restrict__ dh, A* __restrict__ dc,
                       A* __restrict__ spare) noexcept {
    for (index_t j = 0; j < H; ++j) spare[j] = k[H + j] * k[4 * H + j] + k[j] * k[2 * H + j];
    tanhs(spare, H);
    for (index_t j = 0; j < H; ++j) {
      const A i = k[j], f = k[H + j], g = k[2 * H + j], o = k[3 * H + j], before = k[4 * H + j];
      const A d = dc[j] + dh[j] * o * complement(spare[j] * spare[j]);
      k[j] = d * g * (i * complement(i));
      k[H + j] = d * before * (f * complement(f));
      k[2 * H + j] = d * i * complement(g * g);
      k[3 * H + j] = dh[j] * spare[j] * (o * complement(o));
      dc[j] = d * f;
    }
    zero_row(dh, H);
  }
};

}  // namespace detail

/// Long short-term memory (Hochreiter and Schmidhuber, 1997, with forget gates), for T steps of F features: shape<T, F> to
/// shape<Hidden> (last_output) or shape<T, Hidden> (all_outputs):
///   i, f, o = sigmoid(W x + b + U h)     g = tanh(W x + b + U h)     c' = f c + i g     h' = o tanh(c')
///
/// Weights: W (4H x F), U (4H x H), b (4H), each in the order i, f, g, o. From PyTorch's LSTM: weight_ih_l0, weight_hh_l0,
/// bias_ih_l0 + bias_hh_l0.
template <index_t Hidden, class Returns = last_output, class Starts = starts_anew, class Init = xavier_uniform>
struct lstm {
  template <class In>
  struct on : detail::recurrent<detail::lstm_cell, In, Hidden, Returns, Starts, Init> {};
};

}  // namespace WEIR_ABI
}  // namespace weir
