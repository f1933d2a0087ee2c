// SPDX-License-Identifier: MIT
// The products of one step of a recurrent layer, for B samples: batches of floats by matrix products, all others sample by
// sample.
#pragma once

#include <string.h>

#include <weir/kernel/matvec.hpp>
#include <weir/kernel/product.hpp>
#include <weir/kernel/transpose.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

template <class A>
void copy_row(const A* from, A* to, index_t n) noexcept {
  memcpy(static_cast<void*>(to), from, n * sizeof(A));
}
template <class A>
void zero_row(A* to, index_t n) noexcept {
  memset(static_cast<void*>(to), 0, n * sizeof(A));
}

/// Weights W (Rows x F), U (Rows x H), b (Rows) and c (Apart). Of the results the last `Apart` stay apart: a sample's row k of
/// `Columns` numbers has W x + b of those, then W x + b + U h of the others, then U h + c of those apart. Samples of x lie
/// Row numbers apart.
template <index_t F, index_t Row, index_t H, index_t Rows, index_t Apart, index_t Columns>
struct recurrent_products {
  static constexpr index_t u_at() noexcept { return static_cast<index_t>(Rows * F); }
  static constexpr index_t b_at() noexcept { return static_cast<index_t>(Rows * (F + H)); }
  static constexpr index_t c_at() noexcept { return static_cast<index_t>(b_at() + Rows); }
  static constexpr index_t together() noexcept { return static_cast<index_t>(Rows - Apart); }

  /// One operation at a time is done as fast by vectors, and in less memory.
  template <class A>
  static constexpr bool by_matrices() noexcept {
    return is_same<A, float>::value && kernel::native::lanes() > 1;
  }
  template <index_t B, class A, class X>
  struct batched : bool_constant<(B > 1) && is_same<X, float>::value && by_matrices<A>()> {};

  /// Numbers that `prepare` fills for `forward`: W, U and b the other way round.
  template <class A>
  static constexpr index_t prepared(index_t batch) noexcept {
    return static_cast<index_t>(batch > 1 && by_matrices<A>() ? Rows * (F + H + 1) : 0);
  }
  /// Numbers that to_inputs needs.
  template <class A>
  static constexpr index_t gathered(index_t batch) noexcept {
    return static_cast<index_t>(Apart == 0 ? 0 : by_matrices<A>() ? batch * Rows : Rows);
  }

  template <class A>
  static void prepare(const A*, A*, false_type) noexcept {}
  template <index_t B, class A, class X>
  static void forward(const A* w, const A*, const X* x, const A* h, A* k, false_type) noexcept {
    for (index_t b = 0; b < B; ++b, x += Row, h += H, k += Columns) {
      kernel::matvec(w, w + b_at(), x, k + Apart, together(), F, kernel::native());
      kernel::matvec(w + together() * F, w + b_at() + together(), x, k, Apart, F, kernel::native());
      copy_row(w + c_at(), k + Rows, Apart);
      // Row by row, what has been gathered so far is the bias: in its own place.
      kernel::matvec(w + u_at(), static_cast<const A*>(k + Apart), h, k + Apart, Rows, H, kernel::native());
    }
  }
  /// dh += U^T d of the gates; `spare` has H numbers.
  template <index_t B, class A>
  static void to_states(const A* w, const A* k, A* dh, A* spare, false_type) noexcept {
    for (index_t b = 0; b < B; ++b, k += Columns, dh += H) {
      kernel::matvec_transposed(w + u_at(), k + Apart, spare, Rows, H, kernel::native());
      for (index_t i = 0; i < H; ++i) dh[i] = dh[i] + spare[i];
    }
  }
  /// dx = W^T d of the gates.
  template <index_t B, class A>
  static void to_inputs(const A* w, const A* k, A* dx, A* gathered, false_type) noexcept {
    for (index_t b = 0; b < B; ++b, k += Columns, dx += Row)
      kernel::matvec_transposed(w, in_order(k, gathered), dx, Rows, F, kernel::native());
  }

  static void prepare(const float* w, float* to, true_type) noexcept {
    const float* const last = w + together() * F;  // the gates apart go to the front
    kernel::transpose(w, F, together(), F, to + Apart, Rows, kernel::native());
    kernel::transpose(last, F, Apart, F, to, Rows, kernel::native());
    kernel::transpose(w + u_at(), H, Rows, H, to + u_at(), Rows, kernel::native());
    copy_row(w + b_at(), to + b_at() + Apart, together());
    copy_row(w + b_at() + together(), to + b_at(), Apart);
  }
  template <index_t B>
  static void forward(const float* w, const float* prepared, const float* x, const float* h, float* k,
                      true_type) noexcept {
    const kernel::from_column_bias bias = {prepared + b_at()};
    kernel::product<B, Rows, F>(x, Row, 1, prepared, Rows, k, Columns, bias, kernel::native());
    for (index_t b = 0; b < B; ++b) copy_row(w + c_at(), k + b * Columns + Rows, Apart);
    kernel::product<B, Rows, H>(h, H, 1, prepared + u_at(), Rows, k + Apart, Columns, kernel::onto(), kernel::native());
  }
  template <index_t B>
  static void to_states(const float* w, const float* k, float* dh, float*, true_type) noexcept {
    kernel::product<B, H, Rows>(k + Apart, Columns, 1, w + u_at(), H, dh, H, kernel::onto(), kernel::native());
  }
  template <index_t B>
  static void to_inputs(const float* w, const float* k, float* dx, float* gathered, true_type) noexcept {
    const float* d = k;
    if (Apart != 0) {
      for (index_t b = 0; b < B; ++b) in_order(k + b * Columns, gathered + b * Rows);
      d = gathered;
    }
    kernel::product<B, F, Rows>(d, Apart != 0 ? Rows : Columns, 1, w, F, dx, Row, kernel::from_zero(),
                                kernel::native());
  }

 private:
  /// The deltas of W x + b, in the order of W's rows.
  template <class A>
  static const A* in_order(const A* k, A* to) noexcept {
    if (Apart == 0) return k;
    copy_row(k + Apart, to, together());
    copy_row(k, to + together(), Apart);
    return to;
  }
};

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
