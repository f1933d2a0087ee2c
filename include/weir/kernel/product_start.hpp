// SPDX-License-Identifier: MIT
// What the sums of a matrix product begin with: at(i, j, c) for one of them, where c is its place in C; vector and first for
// as many as a vector has, or for the first n of them.
#pragma once

#include <weir/kernel/vector.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace kernel {

/// With 0.
struct from_zero {
  float at(index_t, index_t, const float*) const noexcept { return 0; }
  float of(float a) const noexcept { return a; }
  template <class V>
  typename V::type vector(index_t, index_t, const float*) const noexcept {
    return V::all(0);
  }
  template <class V>
  typename V::type first(index_t, index_t, const float*, index_t) const noexcept {
    return V::all(0);
  }
};

/// With one number for each row of C.
struct from_row_bias {
  const float* bias;
  float at(index_t i, index_t, const float*) const noexcept { return bias[i]; }
  float of(float a) const noexcept { return a; }
  template <class V>
  typename V::type vector(index_t i, index_t, const float*) const noexcept {
    return V::all(bias[i]);
  }
  template <class V>
  typename V::type first(index_t i, index_t, const float*, index_t) const noexcept {
    return V::all(bias[i]);
  }
};

/// With one number for each column of C.
struct from_column_bias {
  const float* bias;
  float at(index_t, index_t j, const float*) const noexcept { return bias[j]; }
  float of(float a) const noexcept { return a; }
  template <class V>
  typename V::type vector(index_t, index_t j, const float*) const noexcept {
    return V::load(bias + j);
  }
  template <class V>
  typename V::type first(index_t, index_t j, const float*, index_t n) const noexcept {
    return V::load_first(bias + j, n);
  }
};

/// With what C holds.
struct onto {
  float at(index_t, index_t, const float* c) const noexcept { return *c; }
  float of(float a) const noexcept { return a; }
  template <class V>
  typename V::type vector(index_t, index_t, const float* c) const noexcept {
    return V::load(c);
  }
  template <class V>
  typename V::type first(index_t, index_t, const float* c, index_t n) const noexcept {
    return V::load_first(c, n);
  }
};

/// With what C holds; and A is multiplied by `scale` first.
struct added_to {
  float scale;
  float at(index_t, index_t, const float* c) const noexcept { return *c; }
  float of(float a) const noexcept { return scale * a; }
  template <class V>
  typename V::type vector(index_t, index_t, const float* c) const noexcept {
    return V::load(c);
  }
  template <class V>
  typename V::type first(index_t, index_t, const float* c, index_t n) const noexcept {
    return V::load_first(c, n);
  }
};

}  // namespace kernel
}  // namespace WEIR_ABI
}  // namespace weir
