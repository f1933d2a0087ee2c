// SPDX-License-Identifier: MIT
// Products of matrices of floats, whose sizes the compiler knows: C (M x N) of A (M x K) and B. Rows of C lie c_row numbers
// apart, and so on. `start` says what each sum begins with. Nothing may overlap C.
#pragma once

#include <weir/kernel/dot.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace kernel {

/// Sums begin with 0.
struct from_zero {
  float at(index_t, index_t, const float*) const noexcept { return 0; }
  float of(float a) const noexcept { return a; }
};
/// Sums begin with one number for each row of C.
struct from_row_bias {
  const float* bias;
  float at(index_t i, index_t, const float*) const noexcept { return bias[i]; }
  float of(float a) const noexcept { return a; }
};
/// Sums begin with one number for each column of C.
struct from_column_bias {
  const float* bias;
  float at(index_t, index_t j, const float*) const noexcept { return bias[j]; }
  float of(float a) const noexcept { return a; }
};
/// Sums begin with what C holds; A is multiplied by `scale` first.
struct added_to {
  float scale;
  float at(index_t, index_t, const float* c) const noexcept { return *c; }
  float of(float a) const noexcept { return scale * a; }
};

/// c[i][j] = start + sum over k, ascending, of a(i, k) * b[k][j], where a(i, k) stands at a[i * a_row + k * a_column].
template <index_t M, index_t N, index_t K, class Start>
void product(const float* a, index_t a_row, index_t a_column, const float* b, index_t b_row, float* c, index_t c_row,
             Start start, scalar) noexcept {
  for (index_t i = 0; i < M; ++i)
    for (index_t j = 0; j < N; ++j) {
      float sum = start.at(i, j, c + i * c_row + j);
      for (index_t k = 0; k < K; ++k) sum = multiply_add(start.of(a[i * a_row + k * a_column]), b[k * b_row + j], sum);
      c[i * c_row + j] = sum;
    }
}

/// c[i][j] = start + the dot product of row i of a and row j of b, each of K numbers.
template <index_t M, index_t N, index_t K, class Start, class Isa>
void product_of_rows(const float* a, index_t a_row, const float* b, index_t b_row, float* c, index_t c_row, Start start,
                     Isa isa) noexcept {
  for (index_t i = 0; i < M; ++i)
    for (index_t j = 0; j < N; ++j)
      c[i * c_row + j] = start.at(i, j, c + i * c_row + j) + start.of(dot(a + i * a_row, b + j * b_row, K, isa));
}

}  // namespace kernel
}  // namespace WEIR_ABI
}  // namespace weir
