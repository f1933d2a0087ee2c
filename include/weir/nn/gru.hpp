// SPDX-License-Identifier: MIT
#pragma once

#include <weir/nn/activation.hpp>
#include <weir/nn/recurrent.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// Kept: n, r, z, q = U_n h + c.
struct gru_cell {
  static constexpr index_t gates() noexcept { return 3; }
  static constexpr index_t apart() noexcept { return 1; }
  static constexpr index_t states() noexcept { return 1; }
  static constexpr index_t kept() noexcept { return 4; }
  static constexpr uint32_t fingerprint() noexcept { return name_id("gru"); }

  template <index_t H, class A>
  static void initialize_biases(A*) noexcept {}

  template <index_t H, class A>
  static void forward(A* k, A* __restrict__ h, A*) noexcept {
    A* const __restrict__ n = k;
    const A *const r = k + H, *const z = k + 2 * H, *const q = k + 3 * H;
    sigmoids(k + H, 2 * H);
    for (index_t i = 0; i < H; ++i) n[i] = n[i] + r[i] * q[i];
    tanhs(n, H);
    for (index_t i = 0; i < H; ++i) h[i] = complement(z[i]) * n[i] + z[i] * h[i];
  }
  /// The deltas of n are those of W_n x + b_n, the deltas of q are r times those.
  template <index_t H, class A>
  static void backward(A* __restrict__ k, const A* __restrict__ before, A* __restrict__ dh, A*, A*) noexcept {
    for (index_t i = 0; i < H; ++i) {
      const A n = k[i], r = k[H + i], z = k[2 * H + i], q = k[3 * H + i];
      const A keep = complement(z);
      const A dn = dh[i] * keep * complement(n * n);
      k[i] = dn;
      k[H + i] = dn * q * (r * complement(r));
      k[2 * H + i] = dh[i] * (before[i] - n) * (z * keep);
      k[3 * H + i] = dn * r;
      dh[i] = dh[i] * z;
    }
  }
};

}  // namespace detail

/// Gated recurrent units (Cho et al., EMNLP 2014, in cuDNN's form), for T steps of F features: shape<T, F> to shape<Hidden>
/// (last_output) or shape<T, Hidden> (all_outputs):
///   r = sigmoid(W_r x + b_r + U_r h)     z = sigmoid(W_z x + b_z + U_z h)
///   n = tanh(W_n x + b_n + r (U_n h + c))     h' = (1 - z) n + z h
///
/// Weights: W (3H x F), U (3H x H), b (3H), each in the order r, z, n, then c (H). From PyTorch's GRU: W is weight_ih_l0, U
/// weight_hh_l0, b_r and b_z the sums of bias_ih_l0's and bias_hh_l0's, b_n is bias_ih_l0's, c bias_hh_l0's.
template <index_t Hidden, class Returns = last_output, class Starts = starts_anew, class Init = xavier_uniform>
struct gru {
  template <class In>
  struct on : detail::recurrent<detail::gru_cell, In, Hidden, Returns, Starts, Init> {};
};

}  // namespace WEIR_ABI
}  // namespace weir
