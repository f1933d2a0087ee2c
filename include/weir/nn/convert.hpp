// SPDX-License-Identifier: MIT
#pragma once

#include <weir/core/fixed.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// The number of another format that is nearest: inputs of a model may have other fraction bits than its activations.
template <class To, class From>
struct conversion;
template <class Same>
struct conversion<Same, Same> {
  static Same of(Same v) noexcept { return v; }
};
template <class A, int8_t FA, class B, int8_t FB>
struct conversion<fixed<A, FA>, fixed<B, FB>> {
  static fixed<A, FA> of(fixed<B, FB> v) noexcept {
    static_assert(sizeof(B) <= 2 && FA - FB <= 16 && FB - FA <= 16, "weir: these formats are too far apart");
    const int32_t raw = v.raw;
    return fixed<A, FA>::from_raw(
        saturate<A>(FA > FB ? raw * (static_cast<int32_t>(1) << (FA > FB ? FA - FB : 0))
                            : round_shift<int32_t>(raw, static_cast<uint8_t>(FA > FB ? 0 : FB - FA))));
  }
};
template <class A, int8_t F>
struct conversion<fixed<A, F>, fixed<A, F>> {
  static fixed<A, F> of(fixed<A, F> v) noexcept { return v; }
};

template <class A, class X>
A converted(X v) noexcept {
  return conversion<A, X>::of(v);
}

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
