// SPDX-License-Identifier: MIT
#pragma once

#include <math.h>
#include <string.h>

#include <weir/optimizer/momentum.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// Any optimizer behind a limit on the length of this worker's mean gradient, limit * sqrt(ranks), as `clipped` has it; but for
/// models whose layers cannot tell that length in advance: convolutions, recurrent layers. The gradient is gathered first. RAM:
/// one number a weight, of 16 bits at least, beside the optimizer's own.
template <class Optimizer>
struct clipped_in_buffer : Optimizer {
  float limit;  ///< for the mean gradient of the whole fleet, > 0

  constexpr clipped_in_buffer(Optimizer optimizer, float limit_) noexcept : Optimizer(optimizer), limit(limit_) {}

  template <class Number, index_t N>
  struct state : Optimizer::template state<Number, N> {
    detail::velocity<Number, N> gathered;
  };

  float gain(uint32_t) const noexcept { return 1.0f; }

  template <class State, class Into>
  auto rows(State& s, Into&) const noexcept -> decltype((s.gathered)) {
    return s.gathered;
  }
  /// All rows are there.
  template <class State, class Into>
  void gathered(State& s, Into& into, uint32_t step, uint16_t ranks) const noexcept {
    typedef typename Into::scale scale;
    float norm2 = 0;
    for (index_t i = 0; i < into.size(); ++i) {
      const float g = to_float(s.gathered.u[i]);
      norm2 += g * g;
    }
    const float norm = sqrtf(norm2);
    const float most = limit * sqrtf(static_cast<float>(ranks == 0 ? 1 : ranks));
    const float part = norm > most ? most / norm : 1.0f;
    Optimizer::rows(s, into).add(0, make_scale<scale>(Optimizer::gain(step) * part), s.gathered.u, into.size());
    memset(static_cast<void*>(&s.gathered), 0, sizeof s.gathered);
  }
};

}  // namespace WEIR_ABI
}  // namespace weir
