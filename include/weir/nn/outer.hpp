// SPDX-License-Identifier: MIT
// How layers hand over the gradient of a matrix of weights: a sum of outer products, d loss / d output times input.
#pragma once

#include <weir/core/number.hpp>
#include <weir/kernel/product.hpp>
#include <weir/policy/layer.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// A sink that rows are only multiplied and added to has `float* cells(offset)`, where weight `offset` gathers, and
/// `float scale_of_cells()`: then a whole product is added at once.
template <class Sink, class = void>
struct sink_has_cells : false_type {};
template <class Sink>
struct sink_has_cells<Sink, void_t<decltype(*declval<Sink&>().cells(index_t()) = declval<Sink&>().scale_of_cells())>>
    : true_type {};

template <index_t Rows, index_t Columns, index_t K, class Sink>
void add_outer(Sink& sink, index_t offset, const float* dy, index_t dy_row, const float* x, index_t x_row,
               true_type) noexcept {
  const kernel::added_to start = {sink.scale_of_cells()};
  kernel::product<Rows, Columns, K>(dy, 1, dy_row, x, x_row, sink.cells(offset), Columns, start, kernel::native());
}
template <index_t Rows, index_t Columns, index_t K, class A, class X, class Sink>
void add_outer(Sink& sink, index_t offset, const A* dy, index_t dy_row, const X* x, index_t x_row,
               false_type) noexcept {
  for (index_t r = 0; r < Rows; ++r)
    for (index_t k = 0; k < K; ++k)
      if (dy[k * dy_row + r] != A())
        sink.add(static_cast<index_t>(offset + r * Columns), dy[k * dy_row + r], x + k * x_row, Columns);
}

/// Adds to the matrix of weights at `offset`, Rows x Columns: the sum over k < K of dy_k (a column of Rows numbers) times
/// x_k (a row of Columns numbers). dy_k begins at dy + k * dy_row, x_k at x + k * x_row.
template <index_t Rows, index_t Columns, index_t K, class A, class X, class Sink>
void add_outer(Sink& sink, index_t offset, const A* dy, index_t dy_row, const X* x, index_t x_row) noexcept {
  add_outer<Rows, Columns, K>(sink, offset, dy, dy_row, x, x_row,
                              bool_constant < (K > 1) && is_same<X, float>::value && sink_has_cells<Sink>::value > ());
}

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
