// SPDX-License-Identifier: MIT
// What layer_norm, group_norm and rms_norm have in common: rows of numbers, each brought to mean 0 and deviation 1.
#pragma once

#include <math.h>
#include <string.h>

#include <weir/kernel/isa.hpp>
#include <weir/nn/init.hpp>
#include <weir/policy/layer.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// What is added to variances, so that a row of equal numbers has a deviation too: PyTorch's choice.
constexpr float norm_epsilon() noexcept { return 1e-5f; }

template <index_t Lanes, index_t N, class Term>
float sum_in_lanes(const Term& term) noexcept {
  float sum[Lanes] = {};
  index_t i = 0;
  for (; N - i >= Lanes; i += Lanes)
    for (index_t l = 0; l < Lanes; ++l) sum[l] += term(i + l);
  for (index_t half = Lanes / 2; half > 0; half /= 2)
    for (index_t l = 0; l < half; ++l) sum[l] += sum[l + half];
  for (; i < N; ++i) sum[0] += term(i);
  return sum[0];
}
/// The sum of term(i) over i < N, in the order of kernel::dot.
template <index_t N, class Term>
float sum_over(const Term& term) noexcept {
  return sum_in_lanes<(N < kernel::native::lanes() ? 1 : kernel::native::lanes()), N>(term);
}

/// Gains begin at 1.
template <class A>
void fill_ones(A* w, index_t n) noexcept {
  for (index_t i = 0; i < n; ++i) set_weight(w[i], INT32_C(1) << 22);
}

template <class A>
struct require_norm_numbers {
  static_assert(
      is_same<A, float>::value,
      "weir: layers that normalize need floats: their statistics have no range that fixed point could keep to");
};

/// A shape without its first `Axes` extents.
template <index_t Axes, class Shape>
struct without_outer;
template <index_t First, index_t... Rest>
struct without_outer<0, shape<First, Rest...>> {
  typedef shape<First, Rest...> type;
};
template <index_t Axes, index_t First, index_t... Rest>
struct without_outer<Axes, shape<First, Rest...>> : without_outer<Axes - 1, shape<Rest...>> {};

/// The last `Axes` axes of `In`.
template <index_t Axes, class In>
struct inner_axes {
  static_assert(Axes >= 1 && Axes <= In::rank(),
                "weir: a norm takes the last 1 axis or more of its input, and no more axes than there are");
  typedef typename without_outer<(Axes <= In::rank() ? In::rank() - Axes : 0), In>::type type;
};

/// Channels first: the outermost extent, and how many numbers each channel has.
template <class In>
struct channels_of;
template <index_t First, index_t... Rest>
struct channels_of<shape<First, Rest...>> {
  static constexpr index_t channels() noexcept { return First; }
  static constexpr index_t positions() noexcept { return shape<Rest...>::size(); }
};

/// A sample of `In` as rows of Channels x Positions numbers. Each channel has a gain (and a bias, where rows are Centered);
/// every Kinds-th row has the same ones. Weights: gains [Kinds][Channels], then biases.
///
///   y = (x - mean) / sqrt(variance + epsilon) * gain + bias           Centered
///   y = x / sqrt(mean of x^2 + epsilon) * gain                        else
///
/// Keeps the mean and the inverse deviation of each row, and reads x again; hands the whole gradient over.
template <class In, index_t Kinds, index_t Channels, index_t Positions, bool Centered>
struct norm_rows : layer_defaults {
  typedef In output;
  static constexpr index_t row() noexcept { return static_cast<index_t>(Channels * Positions); }
  static constexpr index_t rows(index_t batch) noexcept { return static_cast<index_t>(batch * (In::size() / row())); }
  static constexpr index_t gains() noexcept { return static_cast<index_t>(Kinds * Channels); }

  static constexpr index_t parameters() noexcept { return static_cast<index_t>(Centered ? 2 * gains() : gains()); }
  template <class A>
  static constexpr index_t kept(index_t batch) noexcept {
    return static_cast<index_t>(Centered ? 2 * rows(batch) : rows(batch));
  }
  template <class A>
  static constexpr index_t handed(index_t) noexcept {
    return parameters();
  }

  template <class A>
  static void initialize(A* w, random_bits&) noexcept {
    fill_ones(w, gains());
    for (index_t i = gains(); i < parameters(); ++i) w[i] = A();
  }

  template <index_t B, class A, class X>
  static void forward(const A* w, const X* x, A* y, const layer_memory<A>& m) noexcept {
    (void)require_norm_numbers<A>();
    for (index_t r = 0; r < rows(B); ++r, x += row(), y += row()) {
      const float mean = Centered ? sum_over<row()>([x](index_t i) { return number(x[i]); }) / count() : 0;
      const float variance =
          sum_over<row()>([x, mean](index_t i) { return (number(x[i]) - mean) * (number(x[i]) - mean); }) / count();
      const float inverse = 1.0f / sqrtf(variance + norm_epsilon());
      m.kept[r] = inverse;
      if (Centered) m.kept[rows(B) + r] = mean;
      const A* const gain = w + (r % Kinds) * Channels;
      for (index_t c = 0; c < Channels; ++c) {
        const float factor = inverse * gain[c], bias = Centered ? gain[gains() + c] : 0;
        for (index_t i = c * Positions; i < (c + 1) * Positions; ++i) y[i] = (number(x[i]) - mean) * factor + bias;
      }
    }
  }

  /// With n = (x - mean) * inverse and d = dy * gain: dx = inverse * (d - mean of d - n * mean of d n), means over the row;
  /// the second term is that of the row's mean, which only centered rows have.
  template <index_t B, class A, class X>
  static void backward(const A* w, const X* x, const A*, const layer_memory<A>& m, const A* dy, A* dx) noexcept {
    memset(static_cast<void*>(m.handed), 0, parameters() * sizeof(A));
    for (index_t r = 0; r < rows(B); ++r, x += row(), dy += row()) {
      const index_t first = static_cast<index_t>((r % Kinds) * Channels);
      const float inverse = m.kept[r], mean = Centered ? m.kept[rows(B) + r] : 0;
      float d = 0, dn = 0;
      sums(w + first, x, dy, mean, inverse, m.handed + first, d, dn, bool_constant<Positions == 1>());
      if (dx == nullptr) continue;
      const float mean_d = Centered ? d / count() : 0, slope = dn / count() * inverse;
      for (index_t c = 0; c < Channels; ++c) {
        const float gain = w[first + c];
        for (index_t i = c * Positions; i < (c + 1) * Positions; ++i)
          dx[i] = inverse * (dy[i] * gain - mean_d - (number(x[i]) - mean) * slope);
      }
      dx += row();
    }
  }
  template <index_t B, class A, class X, class Sink>
  static void gradient(const X*, const A*, const layer_memory<A>& m, const A*, Sink& sink, index_t offset) noexcept {
    sink.add(offset, static_cast<const A*>(m.handed), parameters());
  }
  template <index_t B, class A, class X>
  static float gradient_norm2(const X*, const layer_memory<A>& m, const A*) noexcept {
    const A* const g = m.handed;
    return sum_over<parameters()>([g](index_t i) { return g[i] * g[i]; });
  }

 private:
  static constexpr float count() noexcept { return static_cast<float>(row()); }
  template <class X>
  static float number(X v) noexcept {
    return static_cast<float>(v);
  }

  /// Adds a row to the gradient g, and takes its sums of d and d n. Of one position to a channel:
  template <class A, class X>
  static void sums(const A* gain, const X* x, const A* dy, float mean, float inverse, A* g, float& d, float& dn,
                   true_type) noexcept {
    for (index_t c = 0; c < Channels; ++c) g[c] += dy[c] * ((number(x[c]) - mean) * inverse);
    if (Centered) {
      for (index_t c = 0; c < Channels; ++c) g[gains() + c] += dy[c];
      d = sum_over<Channels>([=](index_t c) { return dy[c] * gain[c]; });
    }
    dn = sum_over<Channels>([=](index_t c) { return dy[c] * gain[c] * (number(x[c]) - mean); }) * inverse;
  }
  /// Of several:
  template <class A, class X>
  static void sums(const A* gain, const X* x, const A* dy, float mean, float inverse, A* g, float& d, float& dn,
                   false_type) noexcept {
    for (index_t c = 0; c < Channels; ++c, x += Positions, dy += Positions) {
      const float by_gain = sum_over<Positions>([=](index_t i) { return dy[i] * (number(x[i]) - mean); }) * inverse;
      g[c] += by_gain;
      dn += by_gain * gain[c];
      if (!Centered) continue;
      const float by_bias = sum_over<Positions>([=](index_t i) { return dy[i]; });
      g[gains() + c] += by_bias;
      d += by_bias * gain[c];
    }
  }
};

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
