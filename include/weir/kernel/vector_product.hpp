// SPDX-License-Identifier: MIT
// weir/kernel/product.hpp's products by tiles of C that stay in vector registers. Each sum is made in the order of the
// reference, so all instruction sets agree to the bit.
#pragma once

#include <weir/core/meta.hpp>
#include <weir/kernel/product_start.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace kernel {
namespace detail {

constexpr index_t up(index_t n, index_t unit) noexcept { return (n + unit - 1) / unit; }
constexpr index_t at_most(index_t a, index_t b) noexcept { return a < b ? a : b; }

/// How C is cut: into tiles of rows() rows, as even as can be, and columns() vectors.
template <class Isa, index_t M, index_t N>
struct tiling {
  static constexpr index_t width() noexcept { return up(N, vectors<Isa>::width()); }
  static constexpr index_t most_rows() noexcept { return vectors<Isa>::registers() / (width() < 3 ? 2 : 3); }
  static constexpr index_t rows() noexcept { return up(M, up(M, most_rows())); }
  static constexpr index_t columns() noexcept {
    return at_most(at_most(vectors<Isa>::registers() / rows(), 6), width());
  }
};

/// A tile of Rows x (Columns vectors, the last of which has Last numbers), over K products.
template <class Isa, index_t Rows, index_t Columns, index_t Last, class Start>
void product_tile(const float* a, index_t a_row, index_t a_column, const float* b, index_t b_row, float* c,
                  index_t c_row, index_t k_end, index_t i0, index_t j0, Start start) noexcept {
  typedef vectors<Isa> v;
  constexpr index_t W = v::width();
  constexpr bool whole = Last == W;
  typename v::type sum[Rows][Columns];
  WEIR_UNROLL
  for (index_t i = 0; i < Rows; ++i) {
    WEIR_UNROLL
    for (index_t j = 0; j < Columns; ++j)
      sum[i][j] = whole || j + 1 < Columns ? start.template vector<v>(i0 + i, j0 + j * W, c + i * c_row + j * W)
                                           : start.template first<v>(i0 + i, j0 + j * W, c + i * c_row + j * W, Last);
  }
  for (index_t k = 0; k < k_end; ++k, a += a_column, b += b_row) {
    typename v::type row[Columns];
    WEIR_UNROLL
    for (index_t j = 0; j < Columns; ++j)
      row[j] = whole || j + 1 < Columns ? v::load(b + j * W) : v::load_first(b + j * W, Last);
    WEIR_UNROLL
    for (index_t i = 0; i < Rows; ++i) {
      const typename v::type factor = v::all(a[i * a_row]);
      WEIR_UNROLL
      for (index_t j = 0; j < Columns; ++j) sum[i][j] = multiply_add(factor, row[j], sum[i][j]);
    }
  }
  WEIR_UNROLL
  for (index_t i = 0; i < Rows; ++i) {
    WEIR_UNROLL
    for (index_t j = 0; j < Columns; ++j) {
      if (whole || j + 1 < Columns)
        v::store(c + i * c_row + j * W, sum[i][j]);
      else
        v::store_first(c + i * c_row + j * W, sum[i][j], Last);
    }
  }
}

/// Rows x N numbers of C.
template <class Isa, index_t Rows, index_t Columns, index_t N, class Start>
void product_rows(const float* a, index_t a_row, index_t a_column, const float* b, index_t b_row, float* c,
                  index_t c_row, index_t k, index_t i0, Start start) noexcept {
  constexpr index_t W = vectors<Isa>::width(), Step = Columns * W, Rest = N % Step;
  for (index_t j = 0; j + Step <= N; j += Step)
    product_tile<Isa, Rows, Columns, W>(a, a_row, a_column, b + j, b_row, c + j, c_row, k, i0, j, start);
  if (Rest > 0)
    product_tile<Isa, Rows, Rest == 0 ? 1 : up(Rest, W), Rest % W == 0 ? W : Rest % W>(
        a, a_row, a_column, b + (N - Rest), b_row, c + (N - Rest), c_row, k, i0, static_cast<index_t>(N - Rest), start);
}

/// So many numbers of a row of A are multiplied by a scale at a time, in a table on the stack: two kilobytes at most.
constexpr index_t scaled_depth() noexcept { return 64; }

template <class Isa, index_t Rows, index_t Columns, index_t N, index_t K>
void scaled_rows(const float* a, index_t a_row, index_t a_column, const float* b, index_t b_row, float* c,
                 index_t c_row, index_t i0, added_to start) noexcept {
  float table[at_most(K, scaled_depth()) * Rows];
  for (index_t from = 0; from < K; from += scaled_depth()) {
    const index_t n = at_most(K - from, scaled_depth());
    for (index_t k = 0; k < n; ++k)
      for (index_t i = 0; i < Rows; ++i) table[k * Rows + i] = start.scale * a[i * a_row + (from + k) * a_column];
    product_rows<Isa, Rows, Columns, N>(table, 1, Rows, b + from * b_row, b_row, c, c_row, n, i0, start);
  }
}

template <class Isa, index_t Rows, index_t Columns, index_t N, index_t K, class Start>
void product_band(const float* a, index_t a_row, index_t a_column, const float* b, index_t b_row, float* c,
                  index_t c_row, index_t i0, Start start) noexcept {
  product_rows<Isa, Rows, Columns, N>(a, a_row, a_column, b, b_row, c, c_row, K, i0, start);
}
template <class Isa, index_t Rows, index_t Columns, index_t N, index_t K>
void product_band(const float* a, index_t a_row, index_t a_column, const float* b, index_t b_row, float* c,
                  index_t c_row, index_t i0, added_to start) noexcept {
  scaled_rows<Isa, Rows, Columns, N, K>(a, a_row, a_column, b, b_row, c, c_row, i0, start);
}

/// Dot products of Rows rows of a with Columns rows of b, in the sixteen partial sums of `dot`.
template <class Isa, index_t Rows, index_t Columns, index_t K, class Start>
void dot_tile(const float* a, index_t a_row, const float* b, index_t b_row, float* c, index_t c_row, index_t i0,
              index_t j0, Start start) noexcept {
  typedef vectors<Isa> v;
  constexpr index_t W = v::width(), Parts = 16 / W;
  typename v::type sum[Rows][Columns][Parts];
  WEIR_UNROLL
  for (index_t i = 0; i < Rows; ++i) {
    WEIR_UNROLL
    for (index_t j = 0; j < Columns; ++j) {
      WEIR_UNROLL
      for (index_t p = 0; p < Parts; ++p) sum[i][j][p] = v::all(0);
    }
  }
  index_t k = 0;
  for (; k + 16 <= K; k += 16) {
    WEIR_UNROLL
    for (index_t p = 0; p < Parts; ++p) {
      typename v::type row[Columns];
      WEIR_UNROLL
      for (index_t j = 0; j < Columns; ++j) row[j] = v::load(b + j * b_row + k + p * W);
      WEIR_UNROLL
      for (index_t i = 0; i < Rows; ++i) {
        const typename v::type x = v::load(a + i * a_row + k + p * W);
        WEIR_UNROLL
        for (index_t j = 0; j < Columns; ++j) sum[i][j][p] = multiply_add(x, row[j], sum[i][j][p]);
      }
    }
  }
  WEIR_UNROLL
  for (index_t p = 0; p < Parts; ++p) {
    if (K - k <= p * W) break;
    const index_t n = K - k - p * W;
    typename v::type row[Columns];
    WEIR_UNROLL
    for (index_t j = 0; j < Columns; ++j) row[j] = load_up_to<v>(b + j * b_row + k + p * W, n);
    WEIR_UNROLL
    for (index_t i = 0; i < Rows; ++i) {
      const typename v::type x = load_up_to<v>(a + i * a_row + k + p * W, n);
      WEIR_UNROLL
      for (index_t j = 0; j < Columns; ++j) sum[i][j][p] = multiply_add(x, row[j], sum[i][j][p]);
    }
  }
  WEIR_UNROLL
  for (index_t i = 0; i < Rows; ++i) {
    WEIR_UNROLL
    for (index_t j = 0; j < Columns; ++j) {
      float* const to = c + i * c_row + j;
      *to = start.at(i0 + i, j0 + j, to) + start.of(v::total(sum[i][j]));
    }
  }
}

/// N columns of Rows rows of C.
template <class Isa, index_t Rows, index_t Columns, index_t N, index_t K, class Start>
void dot_rows(const float* a, index_t a_row, const float* b, index_t b_row, float* c, index_t c_row, index_t i0,
              Start start) noexcept {
  constexpr index_t Rest = N % Columns;
  for (index_t j = 0; j + Columns <= N; j += Columns)
    dot_tile<Isa, Rows, Columns, K>(a, a_row, b + j * b_row, b_row, c + j, c_row, i0, j, start);
  if (Rest > 0)
    dot_tile<Isa, Rows, Rest == 0 ? 1 : Rest, K>(a, a_row, b + (N - Rest) * b_row, b_row, c + (N - Rest), c_row, i0,
                                                 static_cast<index_t>(N - Rest), start);
}

/// How products of rows are cut, by the registers that a dot product's partial sums take.
template <class Isa, index_t M>
struct dot_tiling {
  static constexpr index_t sums() noexcept { return vectors<Isa>::registers() * vectors<Isa>::width() / 16; }
  static constexpr index_t most_rows() noexcept { return sums() / 6 == 0 ? 1 : sums() / 6; }
  static constexpr index_t rows() noexcept { return up(M, up(M, most_rows())); }
  static constexpr index_t columns() noexcept { return at_most(sums() / rows(), 6); }
};

}  // namespace detail

template <index_t M, index_t N, index_t K, class Start, class Isa>
auto product(const float* a, index_t a_row, index_t a_column, const float* b, index_t b_row, float* c, index_t c_row,
             Start start, Isa) noexcept -> typename enable_if<vectors<Isa>::exist()>::type {
  constexpr index_t Rows = detail::tiling<Isa, M, N>::rows(), Columns = detail::tiling<Isa, M, N>::columns();
  constexpr index_t Rest = M % Rows;
  index_t i = 0;
  for (; i + Rows <= M; i += Rows)
    detail::product_band<Isa, Rows, Columns, N, K>(a + i * a_row, a_row, a_column, b, b_row, c + i * c_row, c_row, i,
                                                   start);
  if (Rest > 0)
    detail::product_band<Isa, Rest == 0 ? 1 : Rest, Columns, N, K>(a + i * a_row, a_row, a_column, b, b_row,
                                                                   c + i * c_row, c_row, i, start);
}

template <index_t M, index_t N, index_t K, class Start, class Isa>
auto product_of_rows(const float* a, index_t a_row, const float* b, index_t b_row, float* c, index_t c_row, Start start,
                     Isa) noexcept -> typename enable_if<vectors<Isa>::exist()>::type {
  constexpr index_t Rows = detail::dot_tiling<Isa, M>::rows(), Columns = detail::dot_tiling<Isa, M>::columns();
  constexpr index_t Rest = M % Rows;
  index_t i = 0;
  for (; i + Rows <= M; i += Rows)
    detail::dot_rows<Isa, Rows, Columns, N, K>(a + i * a_row, a_row, b, b_row, c + i * c_row, c_row, i, start);
  if (Rest > 0)
    detail::dot_rows<Isa, Rest == 0 ? 1 : Rest, Columns, N, K>(a + i * a_row, a_row, b, b_row, c + i * c_row, c_row, i,
                                                               start);
}

}  // namespace kernel
}  // namespace WEIR_ABI
}  // namespace weir
