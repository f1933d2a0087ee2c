// SPDX-License-Identifier: MIT
#pragma once

#include <string.h>

#include <weir/core/number.hpp>
#include <weir/nn/init.hpp>
#include <weir/policy/layer.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// A row of `Size` weights for each index of a vocabulary: indices shape<T> become shape<T, Size>. An index of
/// `Vocabulary` or beyond, or below 0, gives zeros and learns nothing. The input may have any number type: uint8_t, uint16_t, or the
/// model's own, of which the whole part counts. It has no gradient, so this layer stands in front of all that have weights,
/// and not inside of skip or recomputed.
///
/// Weights: rows [Vocabulary][Size], uniform with a variance of 1 as PyTorch's are. Only rows that a batch names get a
/// gradient, in one piece each.
template <index_t Vocabulary, index_t Size>
struct embedding {
  static_assert(Vocabulary > 0 && Size > 0, "weir: an embedding needs at least one index, and one number for it");

  template <class In>
  struct on : layer_defaults {
    static_assert(In::rank() == 1, "weir: an embedding takes one row of indices: shape<T>");
    static_assert(static_cast<uint64_t>(Vocabulary) * Size <= static_cast<index_t>(-1),
                  "weir: this embedding has more weights than index_t can count on this machine");
    typedef shape<In::size(), Size> output;
    static constexpr bool comes_first() noexcept { return true; }

    static constexpr index_t parameters() noexcept { return static_cast<index_t>(Vocabulary * Size); }
    static constexpr uint32_t fingerprint() noexcept { return mix(mix(name_id("embedding"), Vocabulary), Size); }

    template <class A>
    static void initialize(A* w, random_bits& random) noexcept {
      detail::fill_uniform(w, parameters(), detail::init_bound(3, 1), random);
    }
    template <class Visitor>
    static void describe(Visitor& v) {
      v.array("weight", shape<Vocabulary, Size>());
    }

    template <index_t B, class A, class X>
    static void forward(const A* w, const X* x, A* y, const layer_memory<A>&) noexcept {
      for (index_t i = 0; i < B * In::size(); ++i, y += Size) {
        const index_t at = index_of(x[i]);
        if (at < Vocabulary)
          memcpy(static_cast<void*>(y), w + at * Size, Size * sizeof(A));
        else
          memset(static_cast<void*>(y), 0, Size * sizeof(A));
      }
    }
    template <index_t B, class A, class X>
    static void backward(const A*, const X*, const A*, const layer_memory<A>&, const A*, A*) noexcept {}
    template <index_t B, class A, class X, class Sink>
    static void gradient(const X* x, const A*, const layer_memory<A>&, const A* dy, Sink& sink,
                         index_t offset) noexcept {
      for (index_t i = 0; i < B * In::size(); ++i) {
        const index_t at = index_of(x[i]);
        if (at < Vocabulary) sink.add(static_cast<index_t>(offset + at * Size), dy + i * Size, Size);
      }
    }
    /// Rows that are named more than once are sums: all pairs of the same index.
    template <index_t B, class A, class X>
    static float gradient_norm2(const X* x, const layer_memory<A>&, const A* dy) noexcept {
      float sum = 0;
      for (index_t i = 0; i < B * In::size(); ++i) {
        const index_t at = index_of(x[i]);
        if (at >= Vocabulary) continue;
        for (index_t j = 0; j <= i; ++j) {
          if (index_of(x[j]) != at) continue;
          float both = 0;
          for (index_t s = 0; s < Size; ++s) both += to_float(dy[i * Size + s]) * to_float(dy[j * Size + s]);
          sum += i == j ? both : 2 * both;
        }
      }
      return sum < 0 ? 0 : sum;
    }

   private:
    /// The index that x says, or Vocabulary if that is none.
    static index_t index_of(float x) noexcept {
      return x >= 0 && x < static_cast<float>(Vocabulary) ? static_cast<index_t>(x) : Vocabulary;
    }
    template <class Rep, int8_t F>
    static index_t index_of(fixed<Rep, F> x) noexcept {
      const index_t at = static_cast<index_t>(x.raw < 0 ? 0 : x.raw >> F);
      return x.raw >= 0 && at < Vocabulary ? at : Vocabulary;
    }
    template <class Integer>
    static index_t index_of(Integer x) noexcept {
      static_assert(sizeof(Integer) <= 4, "weir: indices have up to 32 bits");
      return static_cast<uint32_t>(x) < Vocabulary ? static_cast<index_t>(x) : Vocabulary;  // below 0: beyond
    }
  };
};

}  // namespace WEIR_ABI
}  // namespace weir
