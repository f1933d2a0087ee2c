// SPDX-License-Identifier: MIT
// Products of matrices of floats, whose sizes the compiler knows: C (M x N) of A (M x K) and B. Rows of C lie c_row numbers
// apart, and so on. `start` says what each sum begins with. Nothing may overlap C.
#pragma once

#include <weir/kernel/dot.hpp>
#include <weir/kernel/transpose.hpp>
#include <weir/kernel/vector_product.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace kernel {

/// c[i][j] = start + sum over k, ascending, of a(i, k) * b[k][j], where a(i, k) stands at a[i * a_row + k * a_column].
template <index_t M, index_t N, index_t K, class Start, class Isa>
auto product(const float* a, index_t a_row, index_t a_column, const float* b, index_t b_row, float* c, index_t c_row,
             Start start, Isa) noexcept -> typename enable_if<!vectors<Isa>::exist()>::type {
  for (index_t i = 0; i < M; ++i)
    for (index_t j = 0; j < N; ++j) {
      float sum = start.at(i, j, c + i * c_row + j);
      for (index_t k = 0; k < K; ++k) sum = multiply_add(start.of(a[i * a_row + k * a_column]), b[k * b_row + j], sum);
      c[i * c_row + j] = sum;
    }
}

/// c[i][j] = start + the dot product of row i of a and row j of b, each of K numbers.
template <index_t M, index_t N, index_t K, class Start, class Isa>
auto product_of_rows(const float* a, index_t a_row, const float* b, index_t b_row, float* c, index_t c_row, Start start,
                     Isa isa) noexcept -> typename enable_if<!vectors<Isa>::exist()>::type {
  for (index_t i = 0; i < M; ++i)
    for (index_t j = 0; j < N; ++j) {
      float* const to = c + i * c_row + j;
      *to = start.at(i, j, to) + start.of(dot(a + i * a_row, b + j * b_row, K, isa));
    }
}

namespace detail {

/// What sums of C begin with, for C turned over.
inline from_zero turned(from_zero) noexcept { return from_zero(); }
inline from_row_bias turned(from_column_bias b) noexcept { return from_row_bias{b.bias}; }
inline from_column_bias turned(from_row_bias b) noexcept { return from_column_bias{b.bias}; }

}  // namespace detail

/// Numbers that product_turned needs.
constexpr index_t turned_scratch(index_t m, index_t n, index_t k) noexcept {
  return static_cast<index_t>(m < n ? m * k + m * n : n * k);
}

/// c[i][j] = start + sum over k, ascending, of a[i][k] * b[j][k]. The smaller of a and b is turned over in `scratch` first:
/// the rest goes up to three times as fast as product_of_rows, whose vectors have to be summed up one by one.
template <index_t M, index_t N, index_t K, class Start, class Isa>
void product_turned(const float* a, index_t a_row, const float* b, index_t b_row, float* c, index_t c_row, Start start,
                    float* scratch, Isa isa) noexcept {
  if (M < N) {
    float* const turned_c = scratch + M * K;
    transpose(a, a_row, M, K, scratch, M, isa);
    product<N, M, K>(b, b_row, 1, scratch, M, turned_c, M, detail::turned(start), isa);
    transpose(turned_c, M, N, M, c, c_row, isa);
  } else {
    transpose(b, b_row, N, K, scratch, N, isa);
    product<M, N, K>(a, a_row, 1, scratch, N, c, c_row, start, isa);
  }
}

}  // namespace kernel
}  // namespace WEIR_ABI
}  // namespace weir
