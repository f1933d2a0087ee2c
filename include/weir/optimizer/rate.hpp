// SPDX-License-Identifier: MIT
// Learning-rate schedules: value types with `float at(uint32_t step) const`, steps counted from 0.
#pragma once

#include <math.h>

#include <weir/config.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// The same rate for ever.
struct constant_rate {
  float rate;  ///< > 0: an update is the rate times the gradient

  constexpr constant_rate(float rate_) noexcept : rate(rate_) {}
  float at(uint32_t) const noexcept { return rate; }
};

/// The rate is multiplied by `factor` after every `every` steps.
struct step_rate {
  float rate;      ///< at step 0
  uint32_t every;  ///< steps, >= 1
  float factor;    ///< in (0, 1]

  constexpr step_rate(float rate_, uint32_t every_, float factor_) noexcept
      : rate(rate_), every(every_), factor(factor_) {}
  float at(uint32_t step) const noexcept {
    float r = rate;
    float power = factor;
    for (uint32_t n = every == 0 ? 0 : step / every; n > 0; n >>= 1) {
      if ((n & 1) != 0) r *= power;
      power *= power;
    }
    return r;
  }
};

/// Half a cosine from `rate` down to `last` at step `steps`, and `last` from there on
/// (Loshchilov and Hutter, ICLR 2017, eq. 5, without restarts).
struct cosine_rate {
  float rate;      ///< at step 0
  uint32_t steps;  ///< >= 1
  float last;      ///< >= 0

  constexpr cosine_rate(float rate_, uint32_t steps_, float last_ = 0.0f) noexcept
      : rate(rate_), steps(steps_), last(last_) {}
  float at(uint32_t step) const noexcept {
    if (step >= steps) return last;
    const float turn = 3.14159265f * static_cast<float>(step) / static_cast<float>(steps);
    return last + 0.5f * (rate - last) * (1.0f + cosf(turn));
  }
};

}  // namespace WEIR_ABI
}  // namespace weir
