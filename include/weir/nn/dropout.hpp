// SPDX-License-Identifier: MIT
#pragma once

#include <weir/core/fixed.hpp>
#include <weir/nn/quotient.hpp>
#include <weir/policy/layer.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// Srivastava et al., JMLR 2014, inverted: in training each number is set to zero with probability Numerator / Denominator
/// (rounded down to a multiple of 2^-32), and the others are divided by the probability of that; out of training nothing
/// happens.
///
/// No memory: whether element i of a batch stays is a hash of `chance` and i, which backward takes again. The hash is a
/// permutation of the 32-bit numbers, of which floor(2^32 * Numerator / Denominator) mean that an element drops.
template <uint16_t Numerator = 1, uint16_t Denominator = 2>
struct dropout {
  static_assert(Numerator > 0 && Numerator < Denominator && Denominator <= 256,
                "weir: dropout<N, D> drops N of D numbers: 0 < N < D <= 256");

  template <class In>
  struct on : layer_defaults {
    typedef In output;
    static constexpr index_t parameters() noexcept { return 0; }
    static constexpr uint32_t fingerprint() noexcept { return mix(mix(name_id("dropout"), Numerator), Denominator); }
    static constexpr bool in_place() noexcept { return true; }
    static constexpr bool knows_training() noexcept { return true; }

    template <class A>
    static void initialize(A*, random_bits&) noexcept {}

    template <index_t B, class A, class X>
    static void forward(const A*, const X* x, A* y, const layer_memory<A>& m) noexcept {
      pass<B>(x, y, m.chance);
    }
    template <index_t B, class A, class X>
    static void backward(const A*, const X*, const A*, const layer_memory<A>& m, const A* dy, A* dx) noexcept {
      if (dx != nullptr) pass<B>(dy, dx, m.chance);
    }
    template <index_t B, class A, class X, class Sink>
    static void gradient(const X*, const A*, const layer_memory<A>&, const A*, Sink&, index_t) noexcept {}

   private:
    static constexpr uint32_t dropped() noexcept {
      return static_cast<uint32_t>((static_cast<uint64_t>(Numerator) << 32) / Denominator);
    }

    template <index_t B, class A, class X>
    static void pass(const X* x, A* y, uint32_t chance) noexcept {
      if (chance == 0) {
        for (index_t i = 0; i < B * In::size(); ++i) y[i] = x[i];
        return;
      }
      for (index_t i = 0; i < B * In::size(); ++i, chance += UINT32_C(0x9e3779b9))
        y[i] = scramble(chance) < dropped() ? A() : larger(static_cast<A>(x[i]));
    }

    static float larger(float v) noexcept {
      return v * (static_cast<float>(Denominator) / static_cast<float>(Denominator - Numerator));
    }
    template <class Rep, int8_t F>
    static fixed<Rep, F> larger(fixed<Rep, F> v) noexcept {
      static_assert(sizeof(Rep) <= 2, "weir: activations have 8 or 16 bits");
      return fixed<Rep, F>::from_raw(
          saturate<Rep>(detail::rounded_quotient(static_cast<int32_t>(v.raw) * Denominator, Denominator - Numerator)));
    }
  };
};

}  // namespace WEIR_ABI
}  // namespace weir
