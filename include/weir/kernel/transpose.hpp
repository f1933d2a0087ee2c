// SPDX-License-Identifier: MIT
#pragma once

#include <weir/kernel/isa.hpp>
#if WEIR_HAS_SSE2
#  include <immintrin.h>
#endif

namespace weir {
inline namespace WEIR_ABI {
namespace kernel {

/// to[j][i] = from[i][j] for i < rows, j < columns; rows of `from` lie from_row numbers apart, those of `to` to_row.
inline void transpose(const float* from, index_t from_row, index_t rows, index_t columns, float* to, index_t to_row,
                      scalar) noexcept {
  for (index_t i = 0; i < rows; ++i)
    for (index_t j = 0; j < columns; ++j) to[j * to_row + i] = from[i * from_row + j];
}

#if WEIR_HAS_SSE2
inline void transpose(const float* from, index_t from_row, index_t rows, index_t columns, float* to, index_t to_row,
                      sse2) noexcept {
  const index_t whole_rows = rows / 4 * 4, whole_columns = columns / 4 * 4;
  for (index_t i = 0; i < whole_rows; i += 4) {
    const float* const r = from + i * from_row;
    for (index_t j = 0; j < whole_columns; j += 4) {
      __m128 a = _mm_loadu_ps(r + j), b = _mm_loadu_ps(r + from_row + j), c = _mm_loadu_ps(r + 2 * from_row + j),
             d = _mm_loadu_ps(r + 3 * from_row + j);
      _MM_TRANSPOSE4_PS(a, b, c, d);
      float* const t = to + j * to_row + i;
      _mm_storeu_ps(t, a);
      _mm_storeu_ps(t + to_row, b);
      _mm_storeu_ps(t + 2 * to_row, c);
      _mm_storeu_ps(t + 3 * to_row, d);
    }
  }
  transpose(from + whole_columns, from_row, whole_rows, columns - whole_columns, to + whole_columns * to_row, to_row,
            scalar());
  transpose(from + whole_rows * from_row, from_row, rows - whole_rows, columns, to + whole_rows, to_row, scalar());
}
#endif

}  // namespace kernel
}  // namespace WEIR_ABI
}  // namespace weir
