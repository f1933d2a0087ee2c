// SPDX-License-Identifier: MIT
// Products of a row-major matrix with a vector, forward and transposed.
#pragma once

#include <weir/kernel/avr_axpy.hpp>
#include <weir/kernel/avr_dot.hpp>
#include <weir/kernel/axpy.hpp>
#include <weir/kernel/dot.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace kernel {

/// y[r] = bias[r] + sum over c of m[r][c] * x[c].
template <class X, class Isa>
void matvec(const float* m, const float* bias, const X* x, float* y, index_t rows, index_t columns, Isa isa) noexcept {
  for (index_t r = 0; r < rows; ++r, m += columns) y[r] = bias[r] + dot(m, x, columns, isa);
}

template <class A, int8_t FA, class B, int8_t FB, class Isa>
void matvec(const fixed<A, FA>* m, const fixed<A, FA>* bias, const fixed<B, FB>* x, fixed<A, FA>* y, index_t rows,
            index_t columns, Isa isa) noexcept {
  for (index_t r = 0; r < rows; ++r, m += columns) y[r] = rounded_dot(m, 1, x, columns, bias[r], isa);
}

/// y[c] = sum over r of m[r][c] * x[r].
template <class Isa>
void matvec_transposed(const float* m, const float* x, float* y, index_t rows, index_t columns, Isa isa) noexcept {
  for (index_t c = 0; c < columns; ++c) y[c] = 0;
  for (index_t r = 0; r < rows; ++r, m += columns)
    if (x[r] != 0) axpy(x[r], m, y, columns, isa);  // half of them are, behind a relu
}

template <class A, int8_t FA, class Isa>
void matvec_transposed(const fixed<A, FA>* m, const fixed<A, FA>* x, fixed<A, FA>* y, index_t rows, index_t columns,
                       Isa isa) noexcept {
  for (index_t c = 0; c < columns; ++c) y[c] = rounded_dot(m + c, columns, x, rows, fixed<A, FA>::from_raw(0), isa);
}

}  // namespace kernel
}  // namespace WEIR_ABI
}  // namespace weir
