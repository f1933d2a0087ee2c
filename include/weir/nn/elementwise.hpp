// SPDX-License-Identifier: MIT
// Layers that are one function of each element.
#pragma once

#include <string.h>

#include <weir/kernel/isa.hpp>
#include <weir/policy/layer.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// Floats of a machine with vectors.
template <class A, class X>
struct by_vectors
    : bool_constant<is_same<A, float>::value && is_same<X, float>::value && (kernel::native::lanes() > 1)> {};
/// More than 16: loops of up to 16 are unrolled by gcc -O3 before it looks for vectors, and then it finds few.
constexpr index_t at_a_time() noexcept { return 32; }

/// to[i] = F::value(x[i]); `to` may be x.
template <class F, class A, class X>
void map_values(const X* x, A* to, index_t n, false_type) noexcept {
  for (index_t i = 0; i < n; ++i) to[i] = F::value(x[i]);
}
/// In blocks with a place of their own: a compiler that does not know whether `to` is x makes no vectors.
template <class F>
void map_values(const float* x, float* to, index_t n, true_type) noexcept {
  float y[at_a_time()];
  for (; n >= at_a_time(); n -= at_a_time(), x += at_a_time(), to += at_a_time()) {
    for (index_t l = 0; l < at_a_time(); ++l) y[l] = F::value(x[l]);
    memcpy(to, y, sizeof y);
  }
  if (n == 0) return;
  memset(y, 0, sizeof y);  // one block more: by themselves these numbers would take longer
  memcpy(y, x, n * sizeof *x);
  for (index_t l = 0; l < at_a_time(); ++l) y[l] = F::value(y[l]);
  memcpy(to, y, n * sizeof *to);
}

/// to[i] = F::backward(at[i], dy[i]); `to` may be dy.
template <class F, class A, class X>
void map_deltas(const X* at, const A* dy, A* to, index_t n, false_type) noexcept {
  for (index_t i = 0; i < n; ++i) to[i] = F::backward(at[i], dy[i]);
}
template <class F>
void map_deltas(const float* at, const float* dy, float* to, index_t n, true_type) noexcept {
  float d[at_a_time()], rest[at_a_time()] = {};
  for (; n >= at_a_time(); n -= at_a_time(), at += at_a_time(), dy += at_a_time(), to += at_a_time()) {
    for (index_t l = 0; l < at_a_time(); ++l) d[l] = F::backward(at[l], dy[l]);
    memcpy(to, d, sizeof d);
  }
  if (n == 0) return;
  memset(d, 0, sizeof d);
  memcpy(d, dy, n * sizeof *dy);
  memcpy(rest, at, n * sizeof *at);
  for (index_t l = 0; l < at_a_time(); ++l) d[l] = F::backward(rest[l], d[l]);
  memcpy(to, d, n * sizeof *to);
}

/// The layer around a function F of one element: F::value(x) and F::backward(y, dy).
template <class F, class In>
struct elementwise : layer_defaults {
  typedef In output;
  static constexpr index_t parameters() noexcept { return 0; }
  static constexpr uint32_t fingerprint() noexcept { return F::fingerprint(); }
  static constexpr bool in_place() noexcept { return true; }
  static constexpr bool needs_output() noexcept { return true; }

  template <class A>
  static void initialize(A*, random_bits&) noexcept {}

  template <index_t B, class A, class X>
  static void forward(const A*, const X* x, A* y, const layer_memory<A>&) noexcept {
    map_values<F>(x, y, B * In::size(), by_vectors<A, X>());
  }
  template <index_t B, class A, class X>
  static void backward(const A*, const X*, const A* y, const layer_memory<A>&, const A* dy, A* dx) noexcept {
    map_deltas<F>(y, dy, dx, B * In::size(), by_vectors<A, A>());
  }
  template <index_t B, class A, class X, class Sink>
  static void gradient(const X*, const A*, const layer_memory<A>&, const A*, Sink&, index_t) noexcept {}
};

/// The same around a function whose derivative only its input tells: F::value(x) and F::backward(x, dy). It cannot work in
/// place.
template <class F, class In>
struct elementwise_of_input : layer_defaults {
  typedef In output;
  static constexpr index_t parameters() noexcept { return 0; }
  static constexpr uint32_t fingerprint() noexcept { return F::fingerprint(); }

  template <class A>
  static void initialize(A*, random_bits&) noexcept {}

  template <index_t B, class A, class X>
  static void forward(const A*, const X* x, A* y, const layer_memory<A>&) noexcept {
    map_values<F>(x, y, B * In::size(), by_vectors<A, X>());
  }
  template <index_t B, class A, class X>
  static void backward(const A*, const X* x, const A*, const layer_memory<A>&, const A* dy, A* dx) noexcept {
    map_deltas<F>(x, dy, dx, B * In::size(), by_vectors<A, X>());
  }
  template <index_t B, class A, class X, class Sink>
  static void gradient(const X*, const A*, const layer_memory<A>&, const A*, Sink&, index_t) noexcept {}
};

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
