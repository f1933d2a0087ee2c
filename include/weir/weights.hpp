// SPDX-License-Identifier: MIT
// Weights as a file, or a message of somebody else's: floats of 32 bits, whatever the model computes with.
#pragma once

#include <weir/core/bytes.hpp>
#include <weir/core/number.hpp>
#include <weir/core/status.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// Is `size` what n floats take? Without a product that could be too large for a size_t of 16 bits.
inline bool is_size_of_floats(size_t size, index_t n) noexcept { return size % 4 == 0 && size / 4 == n; }

}  // namespace detail

/// Writes w[n] as IEEE floats, little-endian, 4 bytes each, in the order in which layers lie in a model (see
/// sequential::describe): numpy.fromfile(path, '<f4') reads them. Fixed point of 8 and 16 bits is exact.
/// `out` has 4 n bytes; of any other size it is `wrong_model`.
template <class A>
status store_weights(const A* w, index_t n, bytes out) noexcept {
  if (!detail::is_size_of_floats(out.size(), n)) return status::wrong_model;
  uint8_t* to = out.data();
  for (index_t i = 0; i < n; ++i, to += 4) store32(to, float_bits(to_float(w[i])));
  return status::ok;
}

/// Reads what store_weights wrote. Fixed point takes the nearest number that it has, at most the end of its range.
///   wrong_model   `in` has not 4 n bytes
///   malformed     one of them is infinite or not a number
/// Then w is as it was.
template <class A>
status load_weights(const_bytes in, A* w, index_t n) noexcept {
  if (!detail::is_size_of_floats(in.size(), n)) return status::wrong_model;
  const uint8_t* from = in.data();
  for (index_t i = 0; i < n; ++i, from += 4)
    if (!is_finite(float_of_bits(load32(from)))) return status::malformed;
  from = in.data();
  for (index_t i = 0; i < n; ++i, from += 4) w[i] = static_cast<A>(float_of_bits(load32(from)));
  return status::ok;
}

}  // namespace WEIR_ABI
}  // namespace weir
