// SPDX-License-Identifier: MIT
#pragma once

#include <weir/nn/norm_rows.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// Ioffe and Szegedy, ICML 2015: brings each channel (the first axis; of a flat input, each number) to mean 0 and
/// deviation 1, then multiplies it by a gain and adds a bias. In training the mean and the variance are those of the batch and
/// all positions; out of it, the running ones.
///
/// Weights: gains, biases, running means, running variances; each [channels]. The running ones are weights like all others,
/// so that the threshold, frames and snapshots carry them: their "gradient" is (running - the batch's), and an optimizer
/// that goes against it moves them towards the batch's. So the learning rate is what other libraries call this layer's
/// momentum, the optimizer's momentum makes it faster, weight decay pulls at them too, and they count in the norm that
/// clipping looks at. The variance that runs is the unbiased one. One below 0 (an update can overshoot) counts as 0.
///
/// A batch that has one number for a channel (one sample, flat) has no variance: then training, too, takes the running ones,
/// which stay where they are. Devices with batches of few numbers want group_norm or layer_norm.
struct batch_norm {
  template <class In>
  struct on : layer_defaults {
    typedef In output;
    static constexpr index_t channels() noexcept { return detail::channels_of<In>::channels(); }
    static constexpr index_t positions() noexcept { return detail::channels_of<In>::positions(); }
    static_assert(static_cast<uint64_t>(4) * detail::channels_of<In>::channels() <= static_cast<index_t>(-1),
                  "weir: this batch_norm has more weights than index_t can count on this machine");

    static constexpr index_t parameters() noexcept { return static_cast<index_t>(4 * channels()); }
    static constexpr uint32_t fingerprint() noexcept { return name_id("batch_norm"); }
    static constexpr bool knows_training() noexcept { return true; }
    template <class A>
    static constexpr index_t kept(index_t) noexcept {
      return static_cast<index_t>(2 * channels());
    }
    template <class A>
    static constexpr index_t handed(index_t) noexcept {
      return parameters();
    }

    template <class A>
    static void initialize(A* w, random_bits&) noexcept {
      detail::fill_ones(w, channels());
      for (index_t i = channels(); i < 3 * channels(); ++i) w[i] = A();
      detail::fill_ones(w + 3 * channels(), channels());
    }
    template <class Visitor>
    static void describe(Visitor& v) {
      typedef shape<detail::channels_of<In>::channels()> each;
      v.array("weight", each());
      v.array("bias", each());
      v.array("running_mean", each());
      v.array("running_var", each());
    }

    template <index_t B, class A, class X>
    static void forward(const A* w, const X* x, A* y, const layer_memory<A>& m) noexcept {
      (void)detail::require_norm_numbers<A>();
      A *const mean = m.kept, *const inverse = m.kept + channels();
      if (of_batch<B>(m)) {
        batch_statistics<B>(x, mean, inverse);
      } else {
        const A *const running = w + 2 * channels(), *const variance = running + channels();
        for (index_t c = 0; c < channels(); ++c) {
          mean[c] = running[c];
          inverse[c] = variance[c] > 0 ? variance[c] : 0;
        }
      }
      for (index_t c = 0; c < channels(); ++c) inverse[c] = 1.0f / sqrtf(inverse[c] + detail::norm_epsilon());
      for (index_t b = 0; b < B; ++b)
        for (index_t c = 0; c < channels(); ++c, x += positions(), y += positions()) {
          const float from = mean[c], factor = inverse[c] * w[c], bias = w[channels() + c];
          for (index_t i = 0; i < positions(); ++i) y[i] = (number(x[i]) - from) * factor + bias;
        }
    }

    template <index_t B, class A, class X>
    static void backward(const A* w, const X* x, const A*, const layer_memory<A>& m, const A* dy, A* dx) noexcept {
      const A *const mean = m.kept, *const inverse = m.kept + channels();
      A *const by_gain = m.handed, *const by_bias = m.handed + channels(), *const by_running = by_bias + channels();
      memset(static_cast<void*>(m.handed), 0, parameters() * sizeof(A));
      const X* xs = x;
      const A* dys = dy;
      for (index_t b = 0; b < B; ++b)
        for (index_t c = 0; c < channels(); ++c, xs += positions(), dys += positions()) {
          const float from = mean[c];
          by_bias[c] += detail::sum_over<positions()>([=](index_t i) { return dys[i]; });
          by_gain[c] += detail::sum_over<positions()>([=](index_t i) { return dys[i] * (number(xs[i]) - from); });
        }
      for (index_t c = 0; c < channels(); ++c) by_gain[c] *= inverse[c];
      const bool batch = of_batch<B>(m);
      if (batch) to_running<B>(w + 2 * channels(), mean, inverse, by_running);
      if (dx == nullptr) return;
      for (index_t b = 0; b < B; ++b)
        for (index_t c = 0; c < channels(); ++c, x += positions(), dy += positions(), dx += positions()) {
          const float from = mean[c], factor = inverse[c] * w[c];
          const float mean_d = batch ? by_bias[c] / count<B>() : 0;
          const float slope = batch ? by_gain[c] / count<B>() * inverse[c] : 0;
          for (index_t i = 0; i < positions(); ++i) dx[i] = factor * (dy[i] - mean_d - (number(x[i]) - from) * slope);
        }
    }
    template <index_t B, class A, class X, class Sink>
    static void gradient(const X*, const A*, const layer_memory<A>& m, const A*, Sink& sink, index_t offset) noexcept {
      sink.add(offset, static_cast<const A*>(m.handed), parameters());
    }
    template <index_t B, class A, class X>
    static float gradient_norm2(const X*, const layer_memory<A>& m, const A*) noexcept {
      const A* const g = m.handed;
      return detail::sum_over<parameters()>([g](index_t i) { return g[i] * g[i]; });
    }

   private:
    template <class X>
    static float number(X v) noexcept {
      return static_cast<float>(v);
    }
    /// Numbers of a channel in a batch.
    template <index_t B>
    static constexpr float count() noexcept {
      return static_cast<float>(static_cast<uint32_t>(B) * positions());
    }
    /// Does this pass take the batch's statistics?
    template <index_t B, class A>
    static bool of_batch(const layer_memory<A>& m) noexcept {
      return m.chance != 0 && static_cast<uint32_t>(B) * positions() > 1;
    }

    template <index_t B, class A, class X>
    static void batch_statistics(const X* const x, A* mean, A* variance) noexcept {
      memset(static_cast<void*>(mean), 0, channels() * sizeof(A));
      memset(static_cast<void*>(variance), 0, channels() * sizeof(A));
      const X* xs = x;
      for (index_t b = 0; b < B; ++b)
        for (index_t c = 0; c < channels(); ++c, xs += positions())
          mean[c] += detail::sum_over<positions()>([=](index_t i) { return number(xs[i]); });
      for (index_t c = 0; c < channels(); ++c) mean[c] /= count<B>();
      xs = x;
      for (index_t b = 0; b < B; ++b)
        for (index_t c = 0; c < channels(); ++c, xs += positions()) {
          const float from = mean[c];
          variance[c] +=
              detail::sum_over<positions()>([=](index_t i) { return (number(xs[i]) - from) * (number(xs[i]) - from); });
        }
      for (index_t c = 0; c < channels(); ++c) variance[c] /= count<B>();
    }

    /// Running statistics less the batch's, once for each sample: sums over the batch are what gradients are.
    template <index_t B, class A>
    static void to_running(const A* running, const A* mean, const A* inverse, A* g) noexcept {
      const float samples = static_cast<float>(B), unbiased = count<B>() / (count<B>() - 1);
      for (index_t c = 0; c < channels(); ++c) {
        const float variance = 1.0f / (inverse[c] * inverse[c]) - detail::norm_epsilon();
        g[c] = samples * (running[c] - mean[c]);
        g[channels() + c] = samples * (running[channels() + c] - variance * unbiased);
      }
    }
  };
};

}  // namespace WEIR_ABI
}  // namespace weir
