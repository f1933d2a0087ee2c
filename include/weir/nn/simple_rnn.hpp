// SPDX-License-Identifier: MIT
#pragma once

#include <weir/nn/activation.hpp>
#include <weir/nn/recurrent.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// Kept: h.
struct simple_rnn_cell {
  static constexpr index_t gates() noexcept { return 1; }
  static constexpr index_t apart() noexcept { return 0; }
  static constexpr index_t states() noexcept { return 1; }
  static constexpr index_t kept() noexcept { return 1; }
  static constexpr uint32_t fingerprint() noexcept { return name_id("simple_rnn"); }

  template <index_t H, class A>
  static void initialize_biases(A*) noexcept {}

  template <index_t H, class A>
  static void forward(A* k, A* h, A*) noexcept {
    tanhs(k, H);
    copy_row(static_cast<const A*>(k), h, H);
  }
  template <index_t H, class A>
  static void backward(A* k, const A*, A* dh, A*, A*) noexcept {
    for (index_t i = 0; i < H; ++i) k[i] = dh[i] * complement(k[i] * k[i]);
    zero_row(dh, H);
  }
};

}  // namespace detail

/// A recurrent layer without gates (Elman, 1990): h' = tanh(W x + b + U h), for T steps of F features: shape<T, F> to
/// shape<Hidden> (last_output) or shape<T, Hidden> (all_outputs).
///
/// Weights: W (H x F), U (H x H), b (H). From PyTorch's RNN: weight_ih_l0, weight_hh_l0, bias_ih_l0 + bias_hh_l0.
template <index_t Hidden, class Returns = last_output, class Starts = starts_anew, class Init = xavier_uniform>
struct simple_rnn {
  template <class In>
  struct on : detail::recurrent<detail::simple_rnn_cell, In, Hidden, Returns, Starts, Init> {};
};

}  // namespace WEIR_ABI
}  // namespace weir
