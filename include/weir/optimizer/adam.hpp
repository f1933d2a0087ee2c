// SPDX-License-Identifier: MIT
#pragma once

#include <math.h>

#include <weir/core/number.hpp>
#include <weir/kernel/axpy.hpp>
#include <weir/optimizer/rate.hpp>
#include <weir/policy/optimizer.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// Adam (Kingma and Ba, ICLR 2015, algorithm 1):
///
///   m <- beta1 m + (1 - beta1) g;  v <- beta2 v + (1 - beta2) g^2
///   residual <- residual + rate m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon)
///
/// Each worker adapts to its own gradients, and what is exchanged are updates, in weight units. An emitted coordinate's m starts
/// anew, its v goes on. RAM: three floats a weight; floats only: squares of small gradients are nothing in fixed point.
template <class Rate>
struct basic_adam {
  Rate rate;
  float beta1;    ///< share of the mean gradient that a step keeps, in [0, 1)
  float beta2;    ///< share of the mean square that a step keeps, in [0, 1)
  float epsilon;  ///< > 0

  constexpr explicit basic_adam(Rate rate_, float beta1_ = 0.9f, float beta2_ = 0.999f, float epsilon_ = 1e-8f) noexcept
      : rate(rate_), beta1(beta1_), beta2(beta2_), epsilon(epsilon_) {}

  template <class Number, index_t N>
  struct state {
    static_assert(
        is_same<Number, float>::value,
        "weir: adam is for floats: in fixed point squares of small gradients are nothing; use momentum or signum");
    float g[N];
    float m[N];
    float v[N];

    template <class Row>
    void add(index_t offset, float s, const Row* row, index_t n) noexcept {
      kernel::axpy(s, row, g + offset, n, kernel::native());
    }
    float* cells(index_t offset) noexcept { return g + offset; }
  };

  static constexpr bool folds() noexcept { return true; }
  static constexpr bool needs_norm() noexcept { return false; }
  float gain(uint32_t) const noexcept { return 1.0f; }
  float shrink(float, uint16_t) const noexcept { return 1.0f; }

  template <class State, class Into, class Weight>
  void begin(State&, Into&, const Weight*, uint32_t) const noexcept {}
  template <class State, class Into>
  State& rows(State& s, Into&) const noexcept {
    return s;
  }
  template <class State, class Into>
  void fold(State& s, Into& into, uint32_t step, index_t first, index_t n) const noexcept {
    const float t = static_cast<float>(step) + 1;
    const float per_m = 1.0f / (1.0f - powf(beta1, t)), per_v = 1.0f / (1.0f - powf(beta2, t));
    float update[64];
    for (index_t block = 0; block < n; block = static_cast<index_t>(block + 64)) {
      const index_t count = n - block < 64 ? static_cast<index_t>(n - block) : 64;
      const index_t at = static_cast<index_t>(first + block);
      float *const g = s.g + at, *const m = s.m + at, *const v = s.v + at;
      for (index_t i = 0; i < count; ++i) {
        m[i] = beta1 * m[i] + (1 - beta1) * g[i];
        v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
        update[i] = m[i] * per_m / (sqrtf(v[i] * per_v) + epsilon);
        g[i] = 0;
      }
      into.add(at, rate.at(step), update, count);
    }
  }
  template <class State>
  void forget(State& s, index_t i) const noexcept {
    s.m[i] = 0;
  }
};

typedef basic_adam<constant_rate> adam;

/// Adam with weight decay that is no part of the gradient (Loshchilov and Hutter, ICLR 2019, algorithm 2): rate * lambda * w
/// joins the residual, too.
template <class Rate>
struct basic_adamw : basic_adam<Rate> {
  float lambda;  ///< of a weight, at each step, times the rate; >= 0

  constexpr explicit basic_adamw(Rate rate_, float lambda_ = 0.01f, float beta1_ = 0.9f, float beta2_ = 0.999f,
                                 float epsilon_ = 1e-8f) noexcept
      : basic_adam<Rate>(rate_, beta1_, beta2_, epsilon_), lambda(lambda_) {}

  template <class State, class Into, class Weight>
  void begin(State&, Into& into, const Weight* weights, uint32_t step) const noexcept {
    into.add(0, this->rate.at(step) * lambda, weights, into.size());
  }
};

typedef basic_adamw<constant_rate> adamw;

}  // namespace WEIR_ABI
}  // namespace weir
